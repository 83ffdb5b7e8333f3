# Every memory order is taken away.
s/memory_order_(acquire|release)/memory_order_relaxed/

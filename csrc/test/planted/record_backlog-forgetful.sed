# After a failed sync what had been written counts as written.
/^void vo_backlog_rewind/,/^}/s/backlog->sent = backlog->begin;/backlog->begin = backlog->sent;/

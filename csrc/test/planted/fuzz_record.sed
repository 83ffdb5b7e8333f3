# What a failed file held and was not durable is not written again.
s/^    vo_backlog_rewind\(&record->backlog\);//

# Frames are acknowledged that no sync has brought to the disk.
/^static bool sync_file/,/^}/s/vo_record_file_sync\(record\)/0/

# The sidecar is written where it stands, not beside it.
s/write_whole\(record, folder, on_its_way,/write_whole(record, folder, name,/
s/CALL\(record, error, rename, .*/error = 0;/

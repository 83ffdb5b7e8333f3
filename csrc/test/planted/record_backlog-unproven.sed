# The last frame of what a sync has brought to the disk is left out of its CRC.
s/vo_sidecar_add_audio\(sidecar, bytes, n \*/vo_sidecar_add_audio(sidecar, bytes, (n - 1) */

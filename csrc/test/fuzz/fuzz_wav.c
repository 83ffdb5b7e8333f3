/* Bytes as the beginning of a file: nothing beyond them is read, and what is believed fits the
   file. Fault rows 28 and 29. */
#include "fuzz.h"
#include "vocana/wav.h"

/* A head of our own for what was found says the same. */
static void comes_back(const vo_wav_info *info) {
    vo_wav_subtype subtype = info->bits == 16   ? VO_WAV_PCM16
                             : info->bits == 24 ? VO_WAV_PCM24
                                                : VO_WAV_FLOAT32;
    if (info->floating != (subtype == VO_WAV_FLOAT32) || info->bits > 32) return;
    vo_wav_format format = {info->rate, info->channels, subtype};
    uint8_t head[VO_WAV_HEAD_BYTES];
    vo_status status = vo_wav_head(head, &format, info->frames);
    REQUIRE(vo_wav_frame_bytes(&format) ? status != VO_BAD_ARG : status == VO_BAD_ARG);
    if (status != VO_OK) return;
    vo_wav_info again;
    uint64_t file = vo_wav_file_bytes(&format, info->frames);
    REQUIRE(vo_wav_parse(&again, head, sizeof head, file) == VO_OK);
    REQUIRE(again.frames == info->frames && again.rate == info->rate);
    REQUIRE(again.channels == info->channels && again.bits == info->bits && !again.open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t more; /* of the file behind these bytes */
    if (size < sizeof more) return -1;
    memcpy(&more, data, sizeof more);
    const uint8_t *head = data + sizeof more;
    uint64_t bytes = size - sizeof more, file = more > UINT64_MAX - bytes ? more : bytes + more;
    vo_wav_info info;
    vo_status status = vo_wav_parse(&info, head, bytes, file);
    if (status != VO_OK) {
        REQUIRE(!info.channels && !info.frames && !info.data_at);
        REQUIRE(status == VO_BAD_ARG || (status == VO_TOO_BIG && file > bytes));
        return 0;
    }
    uint32_t frame = info.channels * (info.bits / 8);
    REQUIRE(info.channels && info.rate && frame && info.bits % 8 == 0 && info.bits <= 64);
    REQUIRE(info.data_at <= bytes && info.frames <= (file - info.data_at) / frame);
    REQUIRE(info.frames <= info.stated_frames && (!info.open || info.frames == info.stated_frames));
    comes_back(&info);
    return 0;
}

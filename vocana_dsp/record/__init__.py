"""Recording: a capture becomes a file that survives."""

from .errors import RecordError, refuse_existing
from .recording import Recording
from .wav import WavWriter, wav_header

__all__ = ["RecordError", "Recording", "WavWriter", "refuse_existing", "wav_header"]

from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

def names() -> tuple[str, ...]: ...
def window(name: str, n: SupportsIndex) -> NDArray[np.float32]: ...

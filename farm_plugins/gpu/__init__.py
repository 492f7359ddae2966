"""Neural roto backends: nothing outside this folder imports torch, sam2, Cutie or transformers.

Each backend's own module is a light face; what it names as makers loads a model. Weights come from a studio's folder,
checked by SHA-256 before they come here; nothing is downloaded, and no file is ever run.
"""

from __future__ import annotations

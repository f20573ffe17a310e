from .adaptive_smoothing import kernel_scales, smoothed_adaptively

__all__ = ["kernel_scales", "smoothed_adaptively"]

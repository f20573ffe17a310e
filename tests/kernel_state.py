"""What a kernel holds at this moment; imported in one."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading

import psutil
from IPython.core.getipython import get_ipython
from ipywidgets.widgets.widget import _instances

_OURS = ("cscwidgets.views", "cscwidgets.state", "cscwidgets.explorer")
_PROCESS = psutil.Process()


class _Heap(ctypes.Structure):
    """glibc's mallinfo2: what malloc has handed out, not what its pools keep for later."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


_mallinfo2 = ctypes.CDLL(None).mallinfo2
_mallinfo2.restype = _Heap


def state() -> dict[str, float]:
    """Objects of ours, widgets, comms, threads, files and sockets, memory in MB, and blocks of Python's."""
    gc.collect()
    heap = _mallinfo2()
    things = [type(thing) for thing in gc.get_objects() if isinstance(type(thing).__module__, str)]
    return {
        "objects": sum(kind.__module__.startswith(_OURS) and kind.__name__ != "Callbacks" for kind in things),
        "widgets": len(_instances),
        "comms": len(get_ipython().kernel.comm_manager.comms),
        "threads": threading.active_count(),
        # not num_fds: the event descriptors of ipykernel's sockets outlive their threads by a while
        "files": len(_PROCESS.open_files()) + len(_PROCESS.net_connections()),
        "megabytes": _PROCESS.memory_info().rss / 1e6,
        "held": (heap.uordblks + heap.hblkhd) / 1e6,
        "blocks": sys.getallocatedblocks(),
    }

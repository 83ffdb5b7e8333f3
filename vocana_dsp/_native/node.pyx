"""vo_node: a stage of a chain, made for one rate and number of channels."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid
from libc.stdint cimport uint32_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

from vocana_dsp.errors import ConfigError

CAPSULE = "vocana.vo_node"

MAX_CHANNELS = VO_NODE_MAX_CHANNELS


cdef tuple table_of(const vo_param *params, uint32_t count):
    """Return (name, least, most, initial, fixed) of each parameter."""
    return tuple([
        (
            params[i].name.decode(), params[i].least, params[i].most, params[i].initial,
            params[i].fixed,
        )
        for i in range(count)
    ])


def kinds():
    """Return the kinds that `NativeNode.named` can make."""
    cdef const vo_node_kind *found
    cdef uint32_t count = vo_node_kinds(&found)
    return tuple([found[i].name.decode() for i in range(count)])


cdef const vo_node_kind *kind_named(str kind) except NULL:
    cdef bytes name = kind.encode()
    cdef const vo_node_kind *found = vo_node_kind_named(name)
    if found == NULL:
        raise ConfigError(
            f"kind is {kind!r}, expected one of {', '.join(kinds())}",
            hint="a node of another kind overrides make()",
        )
    return found


def kind_params(str kind not None):
    """Return (name, least, most, initial, fixed) of each parameter of a kind of node."""
    cdef const vo_node_kind *found = kind_named(kind)
    return table_of(found.params, found.param_count)


cdef class NativeNode:
    """A vo_node and what its table says; made by the static methods, for a chain to run."""

    def __dealloc__(self):
        if self.capsule is None:
            vo_node_free(self.ptr)

    @staticmethod
    cdef NativeNode own(vo_node *node, vo_status status, str what):
        """Return what a _new has just made, or raise what its status says."""
        check(status, what)
        cdef NativeNode made = NativeNode.__new__(NativeNode)
        made.ptr = node
        made.params = table_of(node.ops.params, node.ops.param_count)
        return made

    @staticmethod
    def named(str kind not None, uint32_t rate, uint32_t channels, list values not None):
        """Return a node of a kind; values in the order of its table."""
        cdef const vo_node_kind *found = kind_named(kind)
        cdef vo_format format = [rate, channels]
        cdef vo_node *node = NULL
        cdef vo_status status
        cdef Py_ssize_t i
        if len(values) != <Py_ssize_t>found.param_count:
            raise ValueError(f"{len(values)} values, expected {found.param_count}")
        cdef double *numbers = <double *>PyMem_Malloc((len(values) + 1) * sizeof(double))
        if numbers == NULL:
            raise MemoryError
        try:
            for i in range(len(values)):
                numbers[i] = values[i]
            status = found.make(&node, &format, numbers, NULL)
        finally:
            PyMem_Free(numbers)
        return NativeNode.own(node, status, f"{kind} of {channels} channels at {rate} Hz")

    @staticmethod
    def channel_map(uint32_t rate, const float[:, ::1] matrix not None):
        """Return a node that mixes; one row for each channel that goes out."""
        cdef vo_format format = [rate, <uint32_t>matrix.shape[1]]
        cdef vo_node *node = NULL
        cdef const float *first = &matrix[0, 0] if matrix.shape[0] and matrix.shape[1] else NULL
        cdef vo_status status = vo_channel_map_new(
            &node, &format, <uint32_t>matrix.shape[0], first, NULL
        )
        shape = f"{matrix.shape[0]} x {matrix.shape[1]}"
        return NativeNode.own(node, status, f"a channel map of {shape}")

    @staticmethod
    def from_capsule(capsule not None):
        """Return the vo_node of a capsule named "vocana.vo_node", which goes on owning it."""
        if not PyCapsule_IsValid(capsule, "vocana.vo_node"):
            raise ConfigError(
                f"{capsule!r} is no capsule named {CAPSULE!r}",
                hint="return PyCapsule_New(node, \"vocana.vo_node\", destructor) from make()",
            )
        cdef vo_node *node = <vo_node *>PyCapsule_GetPointer(capsule, "vocana.vo_node")
        check(
            vo_node_check(node), "a node of another program", "a complete vo_node_ops table",
            "compile it against the headers of this version",
        )
        cdef NativeNode made = NativeNode.__new__(NativeNode)
        made.capsule = capsule
        made.ptr = node
        made.params = table_of(node.ops.params, node.ops.param_count)
        return made

    @property
    def channels(self):
        """Channels that go in."""
        return self.ptr.channels

    @property
    def channels_out(self):
        """Channels that come out."""
        return self.ptr.channels_out

    @property
    def latency_frames(self):
        """Frames by which it delays."""
        return self.ptr.latency_frames

    def get(self, uint32_t index):
        """Return a parameter by its place in `params`; any thread."""
        return vo_node_get(self.ptr, index)

    def set(self, uint32_t index, double value):
        """Set a parameter by its place in `params`; any thread; ConfigError out of range."""
        check(vo_node_set(self.ptr, index, value), f"parameter {index} to {value}")

    def read(self):
        """Return what the node has measured, all of one moment, as a list; any thread."""
        cdef uint32_t count = vo_node_read(self.ptr, NULL, 0)
        cdef double *values = <double *>PyMem_Malloc((count + 1) * sizeof(double))
        if values == NULL:
            raise MemoryError
        try:
            vo_node_read(self.ptr, values, count)
            return [values[i] for i in range(count)]
        finally:
            PyMem_Free(values)

    def sections(self):
        """Return [(g, k, n0, n1, n2)] of a filter, see vocana/biquad.h; [] of any other node."""
        cdef vo_biquad[VO_SOS_MOST_SECTIONS] found
        cdef uint32_t count = vo_filter_sections(self.ptr, found)
        return [
            (found[i].g, found[i].k, found[i].n0, found[i].n1, found[i].n2) for i in range(count)
        ]

#include <cstddef>
#include <type_traits>

#include "layout_asserts.h"
#include "signatures.h"

namespace {

// The enumerations are int32_t underneath, as C++ callers see in overloads and bit fields.
template <typename Enum>
constexpr bool kIsInt32 = std::is_same_v<std::underlying_type_t<Enum>, int32_t>;

static_assert(kIsInt32<TVMFFITypeIndex>);
static_assert(kIsInt32<TVMFFIObjectDeleterFlagBitMask>);
static_assert(kIsInt32<TVMFFIBacktraceUpdateMode>);
static_assert(kIsInt32<TVMFFIFieldFlagBitMask>);
static_assert(kIsInt32<TVMFFISEqHashKind>);
static_assert(kIsInt32<TVMFFIDefRegionKind>);

// The accessors that C++ has beside the functions.
static_assert(std::is_same_v<decltype(TVMFFIObjectGetTypeIndex), int32_t(void*)>);
static_assert(std::is_same_v<decltype(TVMFFISmallBytesGetContentByteArray),
                             TVMFFIByteArray(const TVMFFIAny*)>);
static_assert(std::is_same_v<decltype(TVMFFIBytesGetByteArrayPtr), TVMFFIByteArray*(void*)>);
static_assert(std::is_same_v<decltype(TVMFFIErrorGetCellPtr), TVMFFIErrorCell*(void*)>);
static_assert(std::is_same_v<decltype(TVMFFIFunctionGetCellPtr), TVMFFIFunctionCell*(void*)>);
static_assert(
    std::is_same_v<decltype(TVMFFIOpaqueObjectGetCellPtr), TVMFFIOpaqueObjectCell*(void*)>);
static_assert(std::is_same_v<decltype(TVMFFIShapeGetCellPtr), TVMFFIShapeCell*(void*)>);
static_assert(std::is_same_v<decltype(TVMFFITensorGetDLTensorPtr), DLTensor*(void*)>);
static_assert(std::is_same_v<decltype(TVMFFIDLDeviceFromIntPair), DLDevice(int32_t, int32_t)>);

}  // namespace

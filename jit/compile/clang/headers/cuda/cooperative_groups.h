#ifndef KILN_CUDA_COOPERATIVE_GROUPS_H_
#define KILN_CUDA_COOPERATIVE_GROUPS_H_

#include <cuda_runtime.h>

// The names of cooperative groups, for the signatures of device functions that take them. The host
// parse skips the bodies; NVRTC has the toolkit's own header.

namespace cooperative_groups {

class thread_group {};
class thread_block : public thread_group {};
class grid_group : public thread_group {};
class cluster_group : public thread_group {};
class coalesced_group : public thread_group {};
template <unsigned int Size, class Parent = void>
class thread_block_tile : public thread_group {};

__device__ thread_block this_thread_block();
__device__ grid_group this_grid();
__device__ cluster_group this_cluster();
__device__ coalesced_group coalesced_threads();
template <unsigned int Size, class Parent>
__device__ thread_block_tile<Size, Parent> tiled_partition(const Parent& parent);

template <class T>
struct plus {};
template <class T>
struct less {};
template <class T>
struct greater {};

}  // namespace cooperative_groups

#endif  // KILN_CUDA_COOPERATIVE_GROUPS_H_

import { decodeProtobuf, encodeProtobuf } from '../../../api/protobuf/codec.ts'
import type { MessageOf } from '../../../api/schema/build.ts'
import { type Channel, openChannel } from './channel.ts'
import { EMPTY } from './empty.ts'
import * as m from './messages.ts'

interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number
}

/** Asks the engine at a socket over a connection that ends with the work. */
export async function withCri<T>(socket: string, work: (client: CriClient) => Promise<T>): Promise<T> {
  const channel = await openChannel(socket)
  try {
    return await work(new CriClient(channel))
  } finally {
    channel.close()
  }
}

/** The calls of CRI that the agent makes. */
export class CriClient {
  readonly channel: Channel
  constructor(channel: Channel) {
    this.channel = channel
  }

  version = this.#call('RuntimeService/Version', m.VersionRequest, m.VersionResponse)
  status = this.#call('RuntimeService/Status', m.StatusRequest, m.StatusResponse)
  runPodSandbox = this.#call('RuntimeService/RunPodSandbox', m.RunPodSandboxRequest, m.RunPodSandboxResponse)
  stopPodSandbox = this.#call('RuntimeService/StopPodSandbox', m.StopPodSandboxRequest, EMPTY)
  removePodSandbox = this.#call('RuntimeService/RemovePodSandbox', m.RemovePodSandboxRequest, EMPTY)
  podSandboxStatus = this.#call('RuntimeService/PodSandboxStatus', m.PodSandboxStatusRequest, m.PodSandboxStatusResponse)
  listPodSandbox = this.#call('RuntimeService/ListPodSandbox', m.ListPodSandboxRequest, m.ListPodSandboxResponse)
  createContainer = this.#call('RuntimeService/CreateContainer', m.CreateContainerRequest, m.CreateContainerResponse)
  startContainer = this.#call('RuntimeService/StartContainer', m.StartContainerRequest, EMPTY)
  stopContainer = this.#call('RuntimeService/StopContainer', m.StopContainerRequest, EMPTY)
  removeContainer = this.#call('RuntimeService/RemoveContainer', m.RemoveContainerRequest, EMPTY)
  listContainers = this.#call('RuntimeService/ListContainers', m.ListContainersRequest, m.ListContainersResponse)
  containerStatus = this.#call('RuntimeService/ContainerStatus', m.ContainerStatusRequest, m.ContainerStatusResponse)
  updateContainerResources = this.#call('RuntimeService/UpdateContainerResources', m.UpdateContainerResourcesRequest, EMPTY)
  reopenContainerLog = this.#call('RuntimeService/ReopenContainerLog', m.ReopenContainerLogRequest, EMPTY)
  execSync = this.#call('RuntimeService/ExecSync', m.ExecSyncRequest, m.ExecSyncResponse)
  exec = this.#call('RuntimeService/Exec', m.ExecRequest, m.ExecResponse)
  attach = this.#call('RuntimeService/Attach', m.AttachRequest, m.AttachResponse)
  portForward = this.#call('RuntimeService/PortForward', m.PortForwardRequest, m.PortForwardResponse)
  listContainerStats = this.#call('RuntimeService/ListContainerStats', m.ListContainerStatsRequest, m.ListContainerStatsResponse)
  listImages = this.#call('ImageService/ListImages', m.ListImagesRequest, m.ListImagesResponse)
  imageStatus = this.#call('ImageService/ImageStatus', m.ImageStatusRequest, m.ImageStatusResponse)
  pullImage = this.#call('ImageService/PullImage', m.PullImageRequest, m.PullImageResponse)
  removeImage = this.#call('ImageService/RemoveImage', m.RemoveImageRequest, EMPTY)
  imageFsInfo = this.#call('ImageService/ImageFsInfo', m.ImageFsInfoRequest, m.ImageFsInfoResponse)

  #call<Q, A>(method: string, request: MessageOf<Q>, answer: MessageOf<A>): (value: Q, options?: CallOptions) => Promise<A> {
    return async (value, options = {}) =>
      decodeProtobuf(answer, await this.channel.unary(`/runtime.v1.${method}`, encodeProtobuf(request, value as object), options)) as A
  }
}

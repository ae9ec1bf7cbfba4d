import { createServer, type Socket } from 'node:net'
import { isUnreadable, type Parsed, parseMessage } from '../adapters/ils/sip2/codec.ts'
import { createSplitter, longestRequest } from '../adapters/ils/sip2/framing.ts'
import { type Clock, pause } from '../kernel/clock.ts'
import { listening } from './listening.ts'
import type { Recording } from './sip2-recording.ts'
import { bytesOf, createMemory, type Names, sequenceFor } from './sip2-replay.ts'

export interface FakeIlsSettings {
  readonly recording: Recording
  readonly listen: { readonly host: string; readonly port: number }
  readonly clock: Clock
  /** Answers as late as the recorded library system did. */
  readonly timing: boolean
  /** Real values for made-up ones: what comes is looked up by the latter, and answered by the former. */
  readonly names: Names
  /** Hears what came and what became of it: `17`, and whether the recording knows it. */
  readonly told: (command: string, known: boolean) => void
}

export interface FakeIls {
  readonly port: number
  close(): Promise<void>
}

/**
 * A library system that knows nothing but a recording: each request is answered as one like it was answered
 * there, silence and hanging up included. What the recording does not know is not answered.
 */
export const startFakeIls = async (settings: FakeIlsSettings): Promise<FakeIls> => {
  const memory = createMemory(settings.recording)
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => {})
    serve(socket, memory, settings)
  })
  const port = await listening(server, settings.listen)
  return {
    port,
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

const mostWaiting = 64

const serve = (socket: Socket, memory: ReturnType<typeof createMemory>, settings: FakeIlsSettings): void => {
  const { recording } = settings
  const splitter = createSplitter(longestRequest)
  const queue: Parsed[] = []
  let working = false
  const work = async (): Promise<void> => {
    if (working) return
    working = true
    for (let request = queue.shift(); request !== undefined && !socket.destroyed; request = queue.shift())
      await answer(socket, request, memory, settings)
    working = false
  }
  socket.on('data', chunk => {
    for (const frame of splitter.push(Buffer.from(chunk))) {
      if ('tooLong' in frame || queue.length >= mostWaiting) {
        socket.destroy()
        return
      }
      const parsed = parseMessage(frame.bytes, recording)
      if (!isUnreadable(parsed)) queue.push(parsed)
    }
    void work()
  })
}

const answer = async (
  socket: Socket,
  request: Parsed,
  memory: ReturnType<typeof createMemory>,
  { recording, timing, names, clock, told }: FakeIlsSettings,
): Promise<void> => {
  const recorded = memory.recall({ ...request, fields: names.masked(request.fields) })
  told(request.command, recorded !== undefined)
  if (!recorded) return
  let before = recorded.request.at
  for (const said of recorded.answers) {
    if (timing) await pause(clock, said.at - before)
    before = said.at
    const message = { ...said.message, fields: names.real(said.message.fields) }
    const bytes = bytesOf({ ...said, message }, sequenceFor(said, recorded.request, request), recording)
    if (bytes) socket.write(bytes)
  }
  if (recorded.hungUp) socket.end()
}

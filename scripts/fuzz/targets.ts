import { cutStreams, injection, roundTrip, wildBytes } from './codec.ts'
import { answerReaders } from './readers.ts'
import { serverSessions } from './server.ts'
import type { Target } from './target.ts'

export const targets: readonly Target[] = [
  roundTrip,
  injection,
  wildBytes,
  cutStreams,
  answerReaders,
  serverSessions,
]

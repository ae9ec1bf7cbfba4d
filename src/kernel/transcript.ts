import type { Millis } from './clock.ts'

/** One message that crossed the border, masked before it is handed over. */
export interface TranscriptLine {
  readonly at: Millis
  /** Who we talked with: `ils:suzhou`, `locker-bus:a`, `sf`. */
  readonly peer: string
  readonly direction: '>' | '<'
  readonly text: string
}

/** Takes masked lines; must not throw and must not block. */
export type Transcript = (line: TranscriptLine) => void

export const noTranscript: Transcript = () => {}

/** Keeps the last `size` lines, for the health pages and for tests. */
export const ringTranscript = (size: number): { take: Transcript; lines(): readonly TranscriptLine[] } => {
  const kept: TranscriptLine[] = []
  return {
    take: line => {
      kept.push(line)
      if (kept.length > size) kept.shift()
    },
    lines: () => kept,
  }
}

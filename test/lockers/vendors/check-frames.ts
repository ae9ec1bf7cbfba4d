import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type FrameAt, scan } from '../../../src/lockers/transport/bus.ts'

/** Bytes of `57 4B 4C`. */
export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** A direction of a family's frames: how they are built, and how one is read at the start of bytes. */
export interface Direction<T> {
  build(value: T): Uint8Array
  readonly at: FrameAt<T>
}

/** Built and read back, byte for byte. */
export const meets = <T>({ build, at }: Direction<T>, value: T, frame: Uint8Array): void => {
  expect(build(value)).toEqual(frame)
  expect(at(frame)).toEqual({ value, length: frame.length })
}

/** One entry of a fixture: what it proves, its bytes, and what they say; neither: nobody's frame. */
interface Sample<Q, A> {
  readonly proves: string
  readonly hex: string
  readonly question?: Q
  readonly answer?: A
}

/** The repository's own samples. */
export const meetsSamples = <Q, A>(name: string, questions: Direction<Q>, answers: Direction<A>): void => {
  const samples = JSON.parse(
    readFileSync(new URL(`../../../fixtures/lockers/${name}.json`, import.meta.url), 'utf8'),
  ) as readonly Sample<Q, A>[]
  describe(`samples of frames of ${name}`, () => {
    for (const { proves, hex, question, answer } of samples)
      it(`${proves}: ${hex}`, () => {
        const frame = bytes(hex)
        if (question) meets(questions, question, frame)
        else if (answer) meets(answers, answer, frame)
        else {
          expect(questions.at(frame)).toBeUndefined()
          expect(answers.at(frame)).toBeUndefined()
        }
      })
  })
}

/** What holds for any frame of a family: it is found behind junk, in pieces not at all, and damaged not at all. */
export const survives = <T>({ build, at }: Direction<T>, value: T, junk: Uint8Array, bit: number): void => {
  const frame = build(value)
  expect(at(frame)).toEqual({ value, length: frame.length })
  const found = scan(at)(Uint8Array.of(...junk, ...frame, 0x00))
  expect(found).toEqual({ value, start: junk.length, end: junk.length + frame.length })
  for (let length = 0; length < frame.length; length++) expect(at(frame.subarray(0, length))).toBeUndefined()
  const damaged = Uint8Array.from(frame)
  damaged[bit >> 3]! ^= 1 << (bit & 7)
  if (bit >> 3 < frame.length) expect(at(damaged)?.value).not.toEqual(value)
}

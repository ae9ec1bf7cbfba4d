import { expect } from 'vitest'
import { recognise } from '../../../src/lockers/vendors/known-frames.ts'
import { bytes, type Direction, meets } from '../vendors/check-frames.ts'

/** A check frame of the file. */
export interface Vector {
  readonly name: string
  readonly hex: string
  readonly valid: boolean
}

/** What is known of the check frames of a family: `meet` throws at one that is not met, or that nobody has looked at. */
export interface Table {
  readonly names: readonly string[]
  meet(name: string, frame: Uint8Array): void
  /** Nothing that the product reads with takes it. */
  refuse(frame: Uint8Array): void
}

export const nobodyLooked = (name: string): never => {
  throw new Error(`nobody has looked at ${name}`)
}

/** Met, or refused where its check is wrong. */
export const meetVector = (table: Table, { name, hex, valid }: Vector): void => {
  const frame = bytes(hex)
  if (valid) table.meet(name, frame)
  else table.refuse(frame)
}

/** A family whose questions and answers are built and read by one function each. */
export const bothWays = <Q, A>(
  questions: Direction<Q>,
  answers: Direction<A>,
  known: { readonly questions: Readonly<Record<string, Q>>; readonly answers: Readonly<Record<string, A>> },
): Table => ({
  names: [...Object.keys(known.questions), ...Object.keys(known.answers)],
  meet: (name, frame) => {
    if (name in known.questions) meets(questions, known.questions[name]!, frame)
    else if (name in known.answers) meets(answers, known.answers[name]!, frame)
    else nobodyLooked(name)
  },
  refuse: frame => {
    expect(questions.at(frame)).toBeUndefined()
    expect(answers.at(frame)).toBeUndefined()
  },
})

/** Families that are told by sight, and never spoken to. */
export const bySight = <T>(
  at: Direction<T>['at'],
  family: string,
  known: Readonly<Record<string, T>>,
): Table => ({
  names: Object.keys(known),
  meet: (name, frame) => {
    if (!(name in known)) nobodyLooked(name)
    expect(at(frame)).toEqual({ value: known[name], length: frame.length })
    expect(recognise(frame)).toMatchObject([{ family, driven: false, frames: 1, bytes: frame.length }])
  },
  refuse: frame => {
    expect(at(frame)).toBeUndefined()
    expect(recognise(frame)).toEqual([])
  },
})

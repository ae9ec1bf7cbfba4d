import fc from 'fast-check'
import { expect, it } from 'vitest'
import { longest } from '../../../../src/adapters/catalogue/marc/frames.ts'
import { frames } from './read.ts'
import { cnmarcBook, isoRecord } from './write.ts'

const record = (n: number): Buffer => isoRecord(cnmarcBook(`c${n}`, `书名${n}`))
const five = [0, 1, 2, 3, 4].map(record)

const texts = async (bytes: Buffer) => (await frames(bytes)).map(f => [f.fault ?? 'ok', f.bytes.length])

it('cuts the same records whatever portions the bytes arrive in', async () => {
  const whole = Buffer.concat(five)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
      async sizes => {
        const cut = await frames(whole, sizes)
        expect(cut.map(f => f.bytes)).toEqual(five)
        expect(cut.map(f => f.offset)).toEqual(five.map((_, i) => Buffer.concat(five.slice(0, i)).length))
      },
    ),
    { numRuns: 40 },
  )
})

it('passes over line ends, blanks and byte order marks between records', async () => {
  const gaps = ['\ufeff', '\r\n', '\n', '  ', '\x1a']
  const bytes = Buffer.concat(five.flatMap((r, i) => [Buffer.from(gaps[i]!), r]))
  expect((await frames(bytes)).map(f => f.bytes)).toEqual(five)
})

it('gives nothing for an empty file', async () => {
  expect(await frames(Buffer.alloc(0))).toEqual([])
  expect(await frames(Buffer.from('\n \x1a'))).toEqual([])
})

it('reads up to the terminator when the length in the leader is wrong', async () => {
  for (const length of ['00000', '00030', '00499', '99999', 'abcde']) {
    const wrong = Buffer.concat([Buffer.from(length), record(9).subarray(5)])
    const cut = await frames(Buffer.concat([five[0]!, wrong, five[1]!]))
    expect(
      cut.map(f => f.bytes),
      length,
    ).toEqual([five[0], wrong, five[1]])
    expect(cut.map(f => f.fault !== undefined)).toEqual([false, true, false])
  }
})

it('keeps a record apart whose predecessor lost its terminator', async () => {
  const open = record(9).subarray(0, -1)
  expect(await texts(Buffer.concat([open, five[1]!, five[2]!]))).toEqual([
    ['no-terminator', open.length],
    ['ok', five[1]!.length],
    ['ok', five[2]!.length],
  ])
})

it('takes a terminator inside a record for data when the length says so', async () => {
  const inner = isoRecord(cnmarcBook('c', '书\x1d名'))
  expect(await texts(Buffer.concat([inner, five[0]!]))).toEqual([
    ['ok', inner.length],
    ['ok', five[0]!.length],
  ])
})

it('does not let a wrong length swallow the next record', async () => {
  const swallow = String(five[0]!.length + five[1]!.length).padStart(5, '0')
  const greedy = Buffer.concat([Buffer.from(swallow), five[0]!.subarray(5)])
  const cut = await frames(Buffer.concat([greedy, five[1]!, five[2]!]))
  expect(cut.map(f => f.bytes)).toEqual([greedy, five[1], five[2]])
})

it('tells a stretch without any terminator once, and reads on behind it', async () => {
  for (const filling of ['x', '9', '1\x1e']) {
    const junk = Buffer.from(filling.repeat(350_000).slice(0, 350_000))
    const cut = await frames(Buffer.concat([five[0]!, junk, five[1]!, five[2]!]), [70_000])
    expect(
      cut.filter(f => !f.fault).map(f => f.bytes),
      filling,
    ).toEqual([five[0], five[1], five[2]])
    expect(cut.filter(f => f.fault).map(f => f.offset)).toEqual([five[0]!.length])
  }
})

it('keeps a record of exactly 99,999 bytes', async () => {
  const fields: [string, string][] = []
  for (let i = 0; i < 10; i++) fields.push(['330', `  $a${'x'.repeat(9900)}`])
  const short = isoRecord({ fields })
  const long = isoRecord({
    fields: [...fields, ['300', `  $a${'y'.repeat(longest - short.length - 12 - 5)}`]],
  })
  expect(long.length).toBe(longest)
  expect((await frames(Buffer.concat([five[0]!, long, five[1]!]), [999])).map(f => f.bytes.length)).toEqual([
    five[0]!.length,
    longest,
    five[1]!.length,
  ])
})

/** Changes, removes and inserts bytes of one record. */
const damage = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    act: fc.constantFrom('change', 'remove', 'insert'),
    byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x1d, 0x1e, 0x1f, 0x30, 0x39, 0x20)),
  }),
  { minLength: 1, maxLength: 6 },
)

it('never loses an undamaged neighbour of a damaged record', { timeout: 30_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 4 }),
      damage,
      fc.integer({ min: 40, max: 900 }),
      async (which, acts, portion) => {
        const bytes = [...five[which]!]
        for (const { at, act, byte } of acts) {
          const place = Math.floor(at * bytes.length)
          if (act === 'change') bytes[place] = byte
          else bytes.splice(place, act === 'remove' ? 1 : 0, ...(act === 'remove' ? [] : [byte]))
        }
        const file = Buffer.concat(five.map((r, i) => (i === which ? Buffer.from(bytes) : r)))
        const cut = (await frames(file, [portion])).map(f => f.bytes.toString('latin1'))
        for (const [i, neighbour] of five.entries())
          if (i !== which) expect(cut).toContain(neighbour.toString('latin1'))
      },
    ),
    { numRuns: 500 },
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { drawingAhead, type RandomBytes } from '../../src/kernel/ids.ts'

it('bytes drawn ahead are those of the source, in its order, and none is given twice', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 400 }), lengths => {
      let count = 0
      let calls = 0
      /** Four bytes a number, each number once. */
      const source: RandomBytes = length => {
        calls += 1
        const numbers = Uint32Array.from({ length: Math.ceil(length / 4) }, () => count++)
        return new Uint8Array(numbers.buffer, 0, length)
      }
      const random = drawingAhead(source)
      const seen = new Set<number>()
      for (const length of lengths) {
        const bytes = random(length * 4)
        expect(bytes).toHaveLength(length * 4)
        for (let at = 0; at < bytes.length; at += 4)
          seen.add(new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true))
      }
      const asked = lengths.reduce((sum, length) => sum + length, 0)
      expect(seen.size).toBe(asked)
      const small = lengths.filter(length => length <= 32)
      const large = lengths.length - small.length
      expect(calls - large).toBeLessThanOrEqual(
        Math.ceil(small.reduce((sum, n) => sum + n, 0) / (512 - 32)) + 1,
      )
    }),
  )
})

import { expect, it } from 'vitest'
import { createTurns } from '../../src/kernel/turns.ts'

it('runs what has one key one after the other, other keys beside it, and outlives a failure', async () => {
  const turns = createTurns()
  const log: string[] = []
  const gate = Promise.withResolvers<void>()
  const act =
    (name: string, wait?: Promise<void>, fails = false) =>
    async () => {
      log.push(`${name} begins`)
      await wait
      log.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
  const a = turns.run('pool', act('a', gate.promise, true))
  const b = turns.run('pool', act('b'))
  expect(await turns.run('other', act('c'))).toBe('c')
  expect(log).toEqual(['a begins', 'c begins', 'c ends'])
  gate.resolve()
  await expect(a).rejects.toThrow('a')
  expect(await b).toBe('b')
  expect(log.slice(3)).toEqual(['a ends', 'b begins', 'b ends'])
  expect(turns.waiting()).toBe(0)
})

import { expect, it } from 'vitest'
import { yes } from '../../src/kernel/problem.ts'
import { lendable } from '../../src/lockers/lent-driver.ts'

const workshop = () => {
  const made: string[] = []
  const driver = lendable(() => {
    const name = `driver-${made.length + 1}`
    made.push(name)
    return {
      name,
      open: async () => {
        made.push(`${name} opens`)
        return yes({ opened: true })
      },
      read: async () => yes([]),
      close: async () => {
        made.push(`${name} closed`)
      },
    }
  })
  return { made, driver }
}
const door = { board: 1, channel: 1 }

it('a line that is lent opens and reads nothing, and is made anew when it comes back', async () => {
  const { made, driver } = workshop()
  const back = await driver.lend()
  expect([await driver.open(door), await driver.read(1)]).toMatchObject([
    { ok: false, problem: { code: 'locker-line-lent' } },
    { ok: false, problem: { code: 'locker-line-lent' } },
  ])
  expect(driver.line().up).toBe(false)
  back()
  back()
  expect(await driver.open(door)).toMatchObject({ ok: true })
  await driver.close()
  expect(made.filter(one => one !== 'driver-3')).toEqual([
    'driver-1',
    'driver-1 closed',
    'driver-3 opens',
    'driver-3 closed',
  ])
})

it('a line that was closed while it was lent does not come back', async () => {
  const { made, driver } = workshop()
  const back = await driver.lend()
  await driver.close()
  back()
  expect(await driver.read(1)).toMatchObject({ ok: false })
  expect(made).toEqual(['driver-1', 'driver-1 closed'])
})

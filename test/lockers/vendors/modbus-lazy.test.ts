import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const at = (path: string): string => new URL(`../../../src/${path}`, import.meta.url).href

it('a gateway loads the Modbus library at the first question to such a board, and not before', async () => {
  const script = `
    import { createRequire } from 'node:module'
    const { modbusRtu } = await import('${at('lockers/vendors/modbus.ts')}')
    const { requestBytes } = await import('${at('lockers/vendors/modbus-codec.ts')}')
    const loaded = () => Object.keys(createRequire('${at('main.ts')}').cache).some(one => one.includes('jsmodbus'))
    requestBytes('rtu', { kind: 'pulse', unit: 1, coil: 0, to: 'on', tenths: 5 })
    const before = loaded()
    requestBytes('rtu', { kind: 'read-inputs', unit: 1, from: 0, count: 8 })
    process.stdout.write(JSON.stringify([modbusRtu.name, before, loaded()]))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script])
  expect(JSON.parse(stdout)).toEqual(['modbus-rtu', false, true])
})

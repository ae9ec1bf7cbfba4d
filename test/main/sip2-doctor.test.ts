import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { encode } from '../../src/adapters/ils/sip2/encodings.ts'
import type { Heard, ProbeWire } from '../../src/adapters/ils/sip2/probe/step.ts'
import { checkWritable, shownStep, shownWire, writeSettings } from '../../src/main/sip2-doctor.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'shuqiao-'))
  folders.push(made)
  return made
}

const said = (text: string, encoding: 'utf-8' | 'gb18030' = 'utf-8') =>
  shownStep({
    do: 'say',
    line: 1,
    command: text.slice(0, 2),
    bytes: encode(text, encoding).bytes,
    patience: 1,
  })

it('is told before anything is asked that the settings cannot be written where they should be', () => {
  const file = join(folder(), 'ils.yaml')
  checkWritable(file)
  writeSettings(file, 'ils: {}\n')
  expect(readFileSync(file, 'utf8')).toBe('ils: {}\n')
  expect(() => checkWritable(file)).toThrow('cannot be written')
  expect(() => checkWritable(join(folder(), 'nowhere', 'ils.yaml'))).toThrow('cannot be written')
  writeFileSync(file, 'changed')
  expect(() => writeSettings(file, 'ils: {}\n')).toThrow('cannot be written')
})

it('shows Chinese in either charset, and no password behind whatever ends a field', () => {
  const question = '1720261122    093000AOSZ|AB三体|'
  expect(said(`${question}\r`)).toContain('AB三体|')
  expect(said(`${question}AY1AZE000\r`, 'gb18030')).toContain('AB三体|')
  for (const mark of ['|', ';', '^', '~'])
    for (const end of ['\r', 'AY1AZF123\r\n', 'AY1\n']) {
      const shown = said(`9300CNuser${mark}COs3cret${mark}CPZG${mark}${end}`)
      expect(shown).toContain('CNuser|CO***|')
      expect(shown).not.toContain('s3cret')
    }
})

it('shows answers masked, also where they repeat what the question held', async () => {
  const answer = '64              00120261122    093000AOSZ|AA7|AE王小明|BLY|AF王小明 7654321 你好|AY1AZ0000'
  const heard: Heard = { heard: 'line', bytes: encode(answer, 'gb18030').bytes, end: '\r', took: 1 }
  const wire: ProbeWire = {
    open: async () => ({ heard: 'opened' }),
    listen: async () => heard,
    say: async () => heard,
    close: () => {},
    end: () => {},
  }
  const lines: string[] = []
  const question = '6300120261122    093000          AOSZ|AA7654321|AD1234|AY1AZ0000\r'
  await shownWire(wire, line => lines.push(line)).say(2, encode(question, 'utf-8').bytes, 1, false)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^ {2}\(2\) < 64/)
  expect(lines[0]).not.toMatch(/小明|7654321|1234/)
})

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeSettings } from '../../src/main/demo/settings-file.ts'
import { readConfig } from '../../src/main/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'shuqiao-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the settings file that the demo town leaves', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIB: "x" # y\n-----END PRIVATE KEY-----\n'
  const environment = {
    SANDBOX_ALIPAY_URL: 'http://127.0.0.1:1/gateway.do',
    SANDBOX_APP_PRIVATE_KEY: pem,
    SANDBOX_ALIPAY_PUBLIC_KEY: pem,
    SANDBOX_SF_URL: 'http://127.0.0.1:2/',
    SANDBOX_SF_CHECKWORD: '0123',
    SANDBOX_SF_HOOK: 'a-hook-that-is-long-enough',
    SANDBOX_BUS_A_PORT: '4001',
    SANDBOX_BUS_B_PORT: '4002',
    SANDBOX_ILS_GUSU_PORT: '6001',
    SANDBOX_ILS_SONGLING_PORT: '6002',
    SANDBOX_ILS_LUCHENG_PORT: '6003',
    SANDBOX_ILS_PASSWORD: '12345678',
    SANDBOX_KIOSK_PASSWORD: 'sixteen-letters-ok',
  }
  const file = writeSettings(folder, environment)

  it('passes the check without anything in the environment, each value in its place', () => {
    const config = readConfig(file, {})
    expect(config.data).toBe(folder)
    expect(config.credit.zhima).toMatchObject({ privateKey: pem })
    expect(config.couriers[0]).toMatchObject({ checkWord: '0123' })
    expect(config.libraries.map(({ ils }) => ils)).toMatchObject([
      { port: 6001, login: { password: '12345678' } },
      { port: 6002 },
      { port: 6003 },
    ])
  })

  it('is for its owner alone', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

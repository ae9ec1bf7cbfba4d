import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/main/log.ts'

const written = (level?: string) => {
  const lines: string[] = []
  return { lines, log: createLog(level, { write: line => lines.push(line) }) }
}

describe('the log', () => {
  it('writes one line of JSON for each entry', () => {
    const { lines, log } = written()
    log.info({ route: '/api/town', ms: 3 }, 'request')
    log.warn({}, 'odd')
    expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([
      { level: 30, route: '/api/town', ms: 3, msg: 'request' },
      { level: 40, msg: 'odd' },
    ])
  })

  it('holds back fields whose names say that they are secret or personal, one level down too', () => {
    const { lines, log } = written()
    log.error(
      { pin: '1234', patron: { card: '2120500001', name: '王芳' }, cookie: 'shuqiao_session=x' },
      'oops',
    )
    expect(lines[0]).not.toMatch(/1234|21205|王芳|shuqiao_session/)
    expect(lines[0]).toContain('***')
  })

  it('is silent below its level', () => {
    const { lines, log } = written('warn')
    log.info({}, 'no')
    log.warn({}, 'yes')
    expect(lines).toHaveLength(1)
  })
})

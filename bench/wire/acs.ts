import { type AddressInfo, createServer, type Socket } from 'node:net'
import { serveParent } from './child.ts'
import { createLines, date, isOut, sealed, valueIn } from './sip.ts'

/** A library system that answers at once, or after a time of its own, one request of a line after the other. */
let thinking = 0
const heard = new Map<string, number>()
/** How often each act was asked for, by command, reader and item. */
const acts = new Map<string, number>()

const latin = (text: string): string => Buffer.from(text).toString('latin1')
const title = latin('三体：地球往事')
const place = latin('总馆文学图书借阅室')
const name = latin('李小明')

type Answer = (line: string) => string
const item = (line: string): string => `AB${valueIn(line, 'AB')}|AJ${title}|`

const answers: Readonly<Record<string, Answer>> = {
  '93': () => '941',
  '99': () => `98YYYYYY600003${date}2.00AOBENCH|AM${place}|BXYYYYYYYYYYYYYYYY|`,
  '17': line => {
    const out = isOut(valueIn(line, 'AB'))
    return `18${out ? '04' : '03'}0001${date}CF0|${out ? 'AH2026-12-22|' : ''}${item(line)}CK001|AQ${place}|AP${place}|`
  },
  '63': line =>
    `64              019${date}000000000001000000000000AOBENCH|AA${valueIn(line, 'AA')}|AE${name}|BLY|CQY|BHCNY|BV0.00|`,
  '11': line => `121NUY${date}AOBENCH|AA${valueIn(line, 'AA')}|${item(line)}AH2026-12-22|`,
  '09': line => `101YNN${date}AOBENCH|${item(line)}AQ${place}|`,
}

const answerTo = (line: string): string => {
  const command = line.slice(0, 2)
  heard.set(command, (heard.get(command) ?? 0) + 1)
  if (command === '11' || command === '09') {
    const act = `${command} ${valueIn(line, 'AB')}`
    acts.set(act, (acts.get(act) ?? 0) + 1)
  }
  const sequence = line.at(-7) ?? '0'
  return sealed(answers[command]?.(line) ?? '96', sequence)
}

const serve = (socket: Socket): void => {
  socket.setNoDelay(true)
  socket.setEncoding('latin1')
  let before = Promise.resolve()
  const write = (line: string): void => {
    socket.write(answerTo(line), 'latin1')
  }
  const later = (line: string): void => {
    before = before.then(() => new Promise(resolve => setTimeout(resolve, thinking))).then(() => write(line))
  }
  socket.on(
    'data',
    createLines(line => (thinking === 0 ? write(line) : later(line))) as (chunk: unknown) => void,
  )
  socket.on('error', () => {})
}

const server = createServer(serve)
serveParent({
  listen: () =>
    new Promise(resolve => {
      server.listen(0, '127.0.0.1', 4096, () => resolve((server.address() as AddressInfo).port))
    }),
  think: (milliseconds: number) => {
    thinking = milliseconds
  },
  heard: () => Object.fromEntries(heard),
  acts: () => Object.fromEntries(acts),
})

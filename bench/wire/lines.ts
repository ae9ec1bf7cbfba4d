import { connect, type Socket } from 'node:net'
import { createLines } from './sip.ts'

/** A bare line to a SIP2 server: says a text, hears a line. Nothing is checked but that an answer comes. */
export interface Line {
  ask(text: string): Promise<string>
  close(): void
}

export const openLine = async (port: number): Promise<Line> => {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  let heard: ((line: string) => void) | undefined
  let lost: Error | undefined
  let reject: (error: Error) => void = () => {}
  const cut = (error: Error): void => {
    lost ??= error
    reject(lost)
  }
  socket.setEncoding('latin1')
  socket.on(
    'data',
    createLines(line => {
      const one = heard
      heard = undefined
      one?.(line)
    }) as (chunk: unknown) => void,
  )
  socket.on('error', error => cut(error))
  socket.on('close', () => cut(new Error('a line was cut')))
  return {
    ask: text =>
      new Promise((resolve, fail) => {
        if (lost) throw lost
        heard = resolve
        reject = fail
        socket.write(text, 'latin1')
      }),
    close: () => socket.destroy(),
  }
}

/** A kept-alive client of HTTP that costs next to nothing: gives the body of each answer. */
export interface Client {
  get(path: string): Promise<string>
  close(): void
}

export const openClient = async (port: number): Promise<Client> => {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  let rest = ''
  let answered: (body: string) => void = () => {}
  let lost: Error | undefined
  let reject: (error: Error) => void = () => {}
  const cut = (error: Error): void => {
    lost ??= error
    reject(lost)
  }
  socket.setEncoding('latin1')
  socket.on('data', chunk => {
    rest += chunk
    const head = rest.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = /\r\ncontent-length: (\d+)/i.exec(rest.slice(0, head))
    const end = length ? head + 4 + Number(length[1]) : endOfChunks(rest, head)
    if (end === undefined || rest.length < end) return
    const body = rest.slice(head + 4, end)
    const status = rest.slice(9, 12)
    rest = rest.slice(end)
    if (status === '200') answered(body)
    else cut(new Error(`answered with ${status}: ${body.slice(0, 200)}`))
  })
  socket.on('error', error => cut(error))
  socket.on('close', () => cut(new Error('a client was cut')))
  return {
    get: path =>
      new Promise((resolve, fail) => {
        if (lost) throw lost
        answered = resolve
        reject = fail
        socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
      }),
    close: () => socket.destroy(),
  }
}

const endOfChunks = (text: string, head: number): number | undefined => {
  const end = text.indexOf('\r\n0\r\n\r\n', head)
  return end < 0 ? undefined : end + 7
}

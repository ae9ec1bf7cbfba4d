import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PartyRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly contentType: string
  readonly body: string
  /** One header by its name in small letters; several of one name are joined. */
  header(name: string): string | undefined
}
export interface PartyReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

const maxBody = 1024 * 1024

/** A simulated party's real HTTP server on 127.0.0.1. `undefined` as a reply: the connection is cut, unanswered. */
export const startHttpParty = async (
  handle: (request: PartyRequest) => Promise<PartyReply | undefined>,
  port = 0,
): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const server = createServer((request, response) => {
    void answer(request, response, handle)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: PartyRequest) => Promise<PartyReply | undefined>,
): Promise<void> => {
  const body = await readBody(request)
  if (body === undefined) {
    response.writeHead(413).end()
    return
  }
  const url = new URL(request.url ?? '/', 'http://party')
  const reply = await handle({
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    contentType: request.headers['content-type'] ?? '',
    body,
    header: name => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
  }).catch((thrown: unknown) => ({ status: 500, headers: {}, body: `sandbox: ${String(thrown)}` }))
  if (reply) response.writeHead(reply.status ?? 200, reply.headers ?? {}).end(reply.body)
  else request.socket.destroy()
}

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length
      if (size > maxBody) return undefined
      chunks.push(chunk as Buffer)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

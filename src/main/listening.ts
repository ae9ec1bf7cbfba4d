import type { AddressInfo, Server } from 'node:net'
import { misconfigured, ProblemError } from '../kernel/problem.ts'

/** Lets a server listen; resolves with its port. A port that cannot be had is a problem in words. */
export const listening = (
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', cause => {
      const say = {
        zh: `端口 ${host}:${port} 用不了：换一个，或停掉占用它的程序。`,
        en: `cannot listen on ${host}:${port}: choose another, or stop what uses it`,
      }
      const their = { text: cause.message }
      reject(new ProblemError(misconfigured('cannot-listen', say, { their }), { cause }))
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })

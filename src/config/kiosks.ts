import { z } from 'zod'
import { isNetwork } from '../kernel/networks.ts'
import { isScryptText, readScryptText } from '../kernel/scrypt-text.ts'

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be a short word of a-z, 0-9 and hyphens')
const code = z.string().regex(/^[!-{}~]{1,64}$/, 'must be letters, digits and signs without blanks')

const listener = z.strictObject({
  host: z.string().min(1).max(253).default('127.0.0.1').describe('address to listen on'),
  port: z.int().min(0).max(65535).default(6001).describe('0: the machine chooses'),
  tls: z
    .strictObject({
      cert: z.string().min(1).describe('certificate with its chain, PEM; usually file:<path>'),
      key: z.string().min(1).describe('private key, PEM; usually file:<path>'),
      clientCa: z
        .string()
        .min(1)
        .optional()
        .describe('set: only machines with a certificate of this authority get in'),
    })
    .optional()
    .describe('plain TCP when left out: for the network of the machines alone, or behind stunnel'),
})

const speech = z.strictObject({
  encoding: z.enum(['utf-8', 'gb18030', 'cp850', 'iso-8859-1', 'ascii']).default('utf-8'),
  delimiter: z
    .string()
    .regex(/^[!-/:-@[-`{-~]$/, 'must be one sign')
    .default('|'),
  terminator: z.enum(['cr', 'crlf', 'lf']).default('cr').describe('of our answers; any is taken in requests'),
  errorDetection: z
    .enum(['auto', 'required', 'off'])
    .default('auto')
    .describe('auto does as the machine does; required asks again (96) for what comes without'),
  holdCount: z
    .enum(['waiting', 'all'])
    .default('waiting')
    .describe('what the machine takes the hold count and hold list for: holds that lie ready, or all'),
  lists: z.enum(['barcode', 'title']).default('barcode').describe('what lists of items hold'),
  dueDates: z
    .enum(['theirs', 'sip', 'YYYY-MM-DD', 'YYYY-MM-DD HH:mm:ss'])
    .default('theirs')
    .describe('how due dates are written; theirs passes on what the library system wrote'),
})

const account = z
  .strictObject({
    id: id.describe('names it on pages, in figures and in the trail of an order'),
    user: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('CN of its log-in; left out: known by its address alone'),
    password: z
      .string()
      .min(1)
      .max(256)
      .refine(isPassword, 'must be a password, or a line that "shuqiao key kiosk" printed')
      .optional()
      .describe('CO; in clear (from the environment or a file) or as scrypt$...'),
    addresses: z
      .array(z.string().refine(isNetwork, 'must be an address or a network like 10.1.0.0/16'))
      .max(64)
      .default([])
      .describe('networks it may come from; from anywhere when empty'),
    library: id,
    branch: id.describe('where it stands; of a cabinet: the branch that stands for the cabinet'),
    use: z.enum(['kiosk', 'gate', 'sorter', 'cabinet']).default('kiosk'),
    institution: code.optional().describe('AO; the library’s id in capitals when left out'),
    location: code
      .optional()
      .describe('AP of its returns; the first location code of its branch when left out'),
    language: z
      .string()
      .regex(/^0[0-2]\d$/)
      .default('019')
      .describe('of texts where a request tells none; 019 is Chinese, 001 English'),
    profile: speech.prefault({}).describe('how it writes and reads'),
    offline: z
      .strictObject({
        checkouts: z.boolean().default(false),
        checkins: z.boolean().default(true),
        loanDays: z.int().min(1).max(365).default(30).describe('promised for loans made meanwhile'),
      })
      .prefault({})
      .describe('what has physically happened is taken while the library system is away, and entered later'),
    bins: z
      .record(z.string().min(1).max(64), z.string().regex(/^[!-{}~]{1,20}$/))
      .default({})
      .describe('sort bin (CL) by location code, branch or library, or here, hold, elsewhere, staff'),
    tellsHolder: z
      .boolean()
      .optional()
      .describe(
        'whether a return tells whose the held book is (CY, DA); cabinets and sorters only, when left out',
      ),
    connections: z.int().min(1).max(500).default(5),
    commands: z
      .array(z.string().regex(/^\d\d$/))
      .optional()
      .describe('the only messages it may use; all when left out'),
    unknownMessages: z
      .boolean()
      .default(true)
      .describe('messages that are not of the protocol go on to the library system'),
  })
  .refine(one => (one.user === undefined) === (one.password === undefined), {
    error: 'needs user and password, or neither',
  })
  .refine(one => one.user !== undefined || one.addresses.length > 0, {
    error: 'needs user and password, or addresses',
  })

function isPassword(text: string): boolean {
  return !isScryptText(text) || readScryptText(text) !== undefined
}

const seconds = (most: number) => z.number().min(0.1).max(most)

/** Machines that speak SIP2 to the gateway as if it were a library system. */
export const kiosks = z.strictObject({
  listeners: z
    .array(listener)
    .min(1)
    .max(16)
    .default([{ host: '127.0.0.1', port: 6001 }]),
  accounts: z.array(account).max(5000).default([]),
  limits: z
    .strictObject({
      connections: z.int().min(1).max(20_000).default(2000),
      connectionsPerAddress: z.int().min(1).max(5000).default(100),
      requestsPerSecond: z.int().min(1).max(1000).default(20).describe('of one connection'),
      loginSeconds: seconds(120).default(10),
      patienceSeconds: seconds(600)
        .default(30)
        .describe('for the rest of a message, and to take in an answer'),
      idleMinutes: z
        .number()
        .min(0)
        .max(10_080)
        .default(0)
        .refine(minutes => minutes === 0 || minutes >= 10, 'must be 0 (never) or at least 10')
        .describe('silence after which a line is cut; 0: never'),
      answerSeconds: z.number().min(2).max(99).default(25).describe('told to machines in 98, and kept'),
    })
    .prefault({}),
})

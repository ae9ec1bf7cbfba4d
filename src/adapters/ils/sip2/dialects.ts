import { z } from 'zod'
import type { Words } from '../../../kernel/problem.ts'
import { usualDueDates } from './dates.ts'
import { encodings } from './encodings.ts'

/**
 * Every switch in which library systems differ on this protocol. The defaults are the protocol as written:
 * they do nothing special. A dialect names the switches it turns, and where each quirk was seen.
 */
export const profileSchema = z.strictObject({
  /** Charset of both directions. */
  encoding: z.enum(encodings).default('utf-8'),
  /** What ends our messages; any of CR, LF, CRLF, LFCR is taken in answers. */
  terminator: z.enum(['cr', 'crlf', 'lf']).default('cr'),
  delimiter: z
    .string()
    .regex(/^[!-/:-@[-`{-~]$/)
    .default('|'),
  /** Whether our messages carry AY and AZ. */
  sendChecksum: z.boolean().default(true),
  /**
   * Answers: `strict` wants a sum over the bytes; `lenient` takes none, that one, one over UTF-16 units, or
   * dp2's; `off` looks at none.
   */
  verifyChecksum: z.enum(['strict', 'lenient', 'off']).default('lenient'),
  /** Does not compare AY of answers with ours; answers are then told apart by what they are about. */
  ignoreSequence: z.boolean().default(false),
  firstSequence: z.int().min(0).max(9).default(0),
  login: z.enum(['93', 'telnet', 'none']).default('93'),
  /** Telnet: seconds to wait between a prompt and our answer. */
  telnetPauseSeconds: z.number().min(0).max(10).default(0),
  sendScStatus: z.enum(['before-login', 'after-login', 'never']).default('after-login'),
  /** 35 after each check of a reader's PIN. */
  sendEndSession: z.boolean().default(false),
  /** The four characters between date and time. */
  zone: z.enum(['blank', '0000', 'letter']).default('blank'),
  /** IANA name: the local time of the library system. */
  timeZone: z.string().refine(isTimeZone, 'not a time zone').default('Asia/Shanghai'),
  /** Ways to read AH, in order; see `parseDueDate`. */
  dueDateFormats: z
    .array(z.string().min(1))
    .min(1)
    .default([...usualDueDates]),
  /** Optional fields that are sent even when there is nothing to say; required ones always are. */
  emptyFields: z.array(z.string().regex(/^[A-Z][A-Z0-9]$/)).default([]),
  /** Without checksum, never end a message in anything but ASCII. */
  trailingAsciiField: z.boolean().default(false),
  oneRequestPerConnection: z.boolean().default(false),
  maxConnections: z.int().min(1).max(64).default(2),
  /** An idle connection asks 99 this often; 0 never. */
  keepAliveSeconds: z.number().min(0).max(3600).default(240),
  /** An idle connection is closed after this long; 0 never. */
  idleCloseSeconds: z.number().min(0).max(86_400).default(0),
  connectTimeoutSeconds: z.number().min(0.1).max(120).default(10),
  /** How long an answer may take; `from-98` takes the library's word within 3 to 60 s, or 15 s. */
  responseTimeoutSeconds: z.union([z.literal('from-98'), z.number().min(0.1).max(300)]).default('from-98'),
  /** How often a message is sent again; `from-98` takes the library's word up to 5, or 3. */
  retries: z.union([z.literal('from-98'), z.int().min(0).max(9)]).default('from-98'),
  /**
   * Whether loans, fees and holds that are not answered in time are sent again with the same AY and AZ, as the
   * protocol allows. Only for systems known to keep the rule that the same AY and AZ are not carried out twice;
   * elsewhere it would lend or charge twice. Reads are always sent again.
   */
  resendActs: z.boolean().default(false),
  itemListContent: z.enum(['barcode', 'title']).default('barcode'),
  /** Items asked for at a time with BP and BQ; 0 leaves both out. */
  pageSize: z.int().min(0).max(500).default(20),
  /** The hold count of 64: `waiting` counts those that lie ready, `all` also those that do not. */
  holdCountMeaning: z.enum(['waiting', 'all']).default('waiting'),
  /** How a line of AV names its fee; see `fineLine`. */
  fineFormat: z.enum(['plain', 'eg_legacy', '3m', 'swyer_b', 'id-amount']).default('plain'),
  negativeFeeMeansOwed: z.boolean().default(false),
  /** False where AD is not looked at: CQ then proves nothing. */
  checksPin: z.boolean().default(true),
  lenientSplit: z.boolean().default(false),
  /** Screen messages that say nothing and are not shown: regular expressions. */
  ignoreMessages: z.array(z.string().refine(isPattern, 'not a regular expression')).default([]),
  /** Takes BX (what the library system says it serves) as a hint; false sends everything. */
  heedSupported: z.boolean().default(true),
  /** Messages it does not serve whatever BX says. */
  notServed: z.array(z.string().regex(/^\d\d$/)).default([]),
  /** Fee type and payment type of 37, as agreed with the library. */
  feeType: z
    .string()
    .regex(/^\d\d$/)
    .default('01'),
  paymentType: z
    .string()
    .regex(/^\d\d$/)
    .default('02'),
})
export type Profile = z.infer<typeof profileSchema>

function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch {
    return false
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}

export interface Dialect {
  readonly name: string
  readonly title: Words
  readonly sets: Readonly<Partial<Profile>>
  /** For each switch that is turned: where it was seen. */
  readonly because: Readonly<Partial<Record<keyof Profile, string>>>
}

const perlServer =
  'Perl SIPServer: the same AY and AZ are carried out twice (t/*.t); Koha and Evergreen stand on it'

export const dialects: readonly Dialect[] = [
  {
    name: 'default',
    title: { zh: '标准 SIP2', en: 'The protocol as written' },
    sets: {},
    because: {},
  },
  {
    name: 'koha',
    title: { zh: 'Koha', en: 'Koha' },
    sets: { resendActs: false },
    because: { resendActs: perlServer },
  },
  {
    name: 'evergreen',
    title: { zh: 'Evergreen', en: 'Evergreen' },
    sets: {
      holdCountMeaning: 'all',
      itemListContent: 'title',
      fineFormat: 'eg_legacy',
      notServed: ['19', '25'],
      resendActs: false,
    },
    because: {
      holdCountMeaning: 'Libki/libki-server #245, #246: counts all holds',
      itemListContent: 'docs sip_server_communication: titles unless msg64_summary_datatype=barcode',
      fineFormat: 'oils_sip.xml.example: av_format eg_legacy is the first of four',
      notServed: 'docs sip_server_communication: 19 and 25 are not supported',
      resendActs: perlServer,
    },
  },
  {
    name: 'folio',
    title: { zh: 'FOLIO edge-sip2', en: 'FOLIO edge-sip2' },
    sets: { encoding: 'cp850', verifyChecksum: 'strict', resendActs: true, notServed: ['01', '15', '25'] },
    because: {
      encoding: 'edge-sip2 README: IBM850 where the tenant sets none',
      verifyChecksum: 'edge-sip2: with error detection on every message has AY and AZ',
      resendActs: 'edge-sip2: the last answer is replayed for the same AY and AZ',
      notServed: 'edge-sip2 README, Implemented messages',
    },
  },
  {
    name: 'sierra',
    title: { zh: 'Sierra', en: 'Sierra' },
    sets: {
      zone: '0000',
      lenientSplit: true,
      holdCountMeaning: 'all',
      dueDateFormats: ['sip', 'M/D/YYYY,HH:mm', ...usualDueDates],
    },
    because: {
      zone: 'Palace test_provider.py: Sierra writes 0000',
      lenientSplit: 'Palace test_provider.py: `BEleona|rdr@|bar.com`',
      holdCountMeaning: 'Libki/libki-server #245, #246: counts all holds',
      dueDateFormats: 'php-sip2 sip2.class.php: an III answer with AH5/23/2008,23:59',
    },
  },
  {
    name: 'polaris',
    title: { zh: 'Polaris', en: 'Polaris' },
    sets: { ignoreMessages: ['^Patron status is ok\\.$'] },
    because: { ignoreMessages: 'Palace test_provider.py: AF `Patron status is ok.` in good answers' },
  },
  {
    name: 'symphony',
    title: { zh: 'Symphony', en: 'Symphony' },
    sets: { maxConnections: 1, idleCloseSeconds: 60, keepAliveSeconds: 0 },
    because: {
      maxConnections: 'Palace commit ed2b829b9: one process per connection, many exhaust it',
      idleCloseSeconds: 'Palace commit ed2b829b9: short connections',
      keepAliveSeconds: 'Palace commit ed2b829b9: short connections',
    },
  },
  {
    name: 'carlx',
    title: { zh: 'CARL.X', en: 'CARL.X' },
    sets: { checksPin: false },
    because: { checksPin: 'Aspen SIP2.php: AD is not looked at' },
  },
  {
    name: 'ag-verso',
    title: { zh: 'Auto-Graphics Verso', en: 'Auto-Graphics Verso' },
    sets: {
      sendEndSession: false,
      sendScStatus: 'never',
      zone: '0000',
      keepAliveSeconds: 0,
      idleCloseSeconds: 60,
    },
    because: {
      sendEndSession: 'Palace dialect AutoGraphicsVerso: 35 is not known',
      sendScStatus: 'Palace dialect AutoGraphicsVerso: 99 is skipped',
      zone: 'Palace dialect AutoGraphicsVerso: 0000',
      keepAliveSeconds: 'nothing to ask without 99',
      idleCloseSeconds: 'nothing to keep it alive without 99',
    },
  },
  {
    name: 'one-shot',
    title: { zh: '每连接一次请求', en: 'One request a connection' },
    sets: { oneRequestPerConnection: true },
    because: { oneRequestPerConnection: 'php-sip2 #6: the second 63 on a connection is never answered' },
  },
  {
    name: 'dp2',
    title: { zh: 'dp2 图书馆集成系统', en: 'dp2' },
    sets: {
      ignoreSequence: true,
      verifyChecksum: 'lenient',
      maxConnections: 2,
      negativeFeeMeansOwed: true,
      notServed: ['01', '15', '23', '25', '65', '97'],
      dueDateFormats: ['YYYY-MM-DD', ...usualDueDates],
    },
    because: {
      ignoreSequence: 'chord dp2Capo SipProcessor.cs: answers always carry AY4',
      verifyChecksum: 'dp2 #756, #765: the sum is over UTF-16 units of the text before AY4',
      maxConnections: 'dp2Capo: two channels for an account',
      negativeFeeMeansOwed: 'dp2Capo: BV negative = owed',
      notServed: 'dp2Capo: 15 23 25 65 97 are answered with a Chinese sentence that is no message',
      dueDateFormats: 'dp2 #756: AH2017-10-28',
    },
  },
  {
    name: 'gb18030-plain',
    title: { zh: '国内系统（GB18030，无校验）', en: 'GB18030 without error detection' },
    sets: { encoding: 'gb18030', sendChecksum: false, verifyChecksum: 'lenient', trailingAsciiField: true },
    because: {
      encoding:
        'dp2Capo reads GBK before login; no public document of Interlib, Huiwen or ILAS: record a first session',
      sendChecksum: 'the most careful start with an unknown system: error detection is optional',
      verifyChecksum: 'takes whatever the unknown system sends',
      trailingAsciiField: 'Perl servers drop other characters from the end of a message (tested)',
    },
  },
]

/** The dialect's profile with a library's own settings over it. Unknown dialects: undefined. */
export const profileOf = (name: string, own: Partial<Profile> = {}): Profile | undefined => {
  const dialect = dialects.find(entry => entry.name === name)
  return dialect && profileSchema.parse({ ...dialect.sets, ...own })
}

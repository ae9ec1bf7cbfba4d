import { z } from 'zod'
import { usualDueDates } from './dates.ts'
import { encodings } from './encodings.ts'
import { longestValue } from './fields.ts'
import { longestAnswer } from './framing.ts'

const fieldId = z.string().regex(/^[A-Z][A-Z0-9]$/, 'a field id such as AO')
const command = z.string().regex(/^\d\d$/, 'a command such as 09')
const pattern = z.string().refine(isPattern, 'not a regular expression')
const seconds = (most: number) => z.number().min(0).max(most)

/**
 * Every switch in which library systems differ on this protocol. The defaults are the protocol as written: they
 * do nothing special. A dialect names the switches it turns, and where each quirk was seen; a library's own
 * settings may turn any of them.
 */
export const profileSchema = z.strictObject({
  encoding: z.enum(encodings).default('utf-8').describe('Charset of what we send.'),
  answerEncoding: z
    .enum(['same', ...encodings])
    .default('same')
    .describe('Charset of the answers, where it differs.'),
  loginEncoding: z
    .enum(['same', ...encodings])
    .default('same')
    .describe('Charset of 93 and 94, where the account decides about the others.'),
  percentEncodeLogin: z
    .boolean()
    .default(false)
    .describe('Writes what is not ASCII in CN, CO and CP as `%E4%B8…` (UTF-8).'),
  terminator: z.enum(['cr', 'crlf', 'lf', 'lfcr']).default('cr').describe('What ends our messages.'),
  answerTerminator: z
    .enum(['any', 'cr', 'crlf', 'lf'])
    .default('any')
    .describe(
      'What ends answers. `any` takes CR, LF, CRLF and LFCR; one of them alone where values hold the others.',
    ),
  delimiter: z
    .string()
    .regex(/^[!-/:-@[-`{-~]$/)
    .default('|')
    .describe('What ends a field.'),
  sendChecksum: z.boolean().default(true).describe('Whether our messages carry AY and AZ.'),
  checksumRule: z
    .enum(['bytes', 'utf-16', 'dp2'])
    .default('bytes')
    .describe('What our AZ sums up: bytes, as the protocol says; UTF-16 units; or as dp2 does, with AY4.'),
  verifyChecksum: z
    .enum(['strict', 'lenient', 'off'])
    .default('lenient')
    .describe(
      'Answers: `strict` wants a sum by `checksumRule`; `lenient` takes none, that one, or one by another rule; `off` looks at none.',
    ),
  ignoreSequence: z
    .boolean()
    .default(false)
    .describe(
      'Does not compare AY of answers with ours; answers are then told apart by what they are about.',
    ),
  firstSequence: z.int().min(0).max(9).default(0).describe('The first AY of a connection.'),
  version: z
    .string()
    .regex(/^\d\.\d[\dA-Z]$/)
    .default('2.00')
    .describe('Version of the protocol told in 99; any is taken in 98.'),
  login: z
    .enum(['93', 'telnet', 'none'])
    .default('93')
    .describe('`93`, the prompts of a telnet server, or none.'),
  telnetPauseSeconds: seconds(10)
    .default(0)
    .describe('Telnet: seconds to wait between a prompt and our answer.'),
  sendScStatus: z
    .enum(['before-login', 'after-login', 'never'])
    .default('after-login')
    .describe('Whether and when 99 is asked.'),
  sendEndSession: z.boolean().default(false).describe('35 after each check of a reader’s PIN.'),
  zone: z
    .enum(['blank', '0000', 'letter', 'utc'])
    .default('blank')
    .describe(
      'The four characters between date and time. `letter`: local time with its letter (China is H); `utc`: UTC with Z.',
    ),
  timeZone: z
    .string()
    .refine(isTimeZone, 'not a time zone')
    .default('Asia/Shanghai')
    .describe('IANA name: the local time of the library system.'),
  dueDateFormats: z
    .array(z.string().min(1))
    .min(1)
    .default([...usualDueDates])
    .describe(
      'Ways to read AH, in order: `sip`, or a pattern of YYYY MM M DD D HH H mm ss Z. Day and month are never guessed.',
    ),
  dueDateInRenewal: z
    .boolean()
    .default(false)
    .describe('29 says in its due date until when the loan runs now; blanks else.'),
  institutionFrom: z
    .enum(['settings-or-98', 'settings', '98'])
    .default('settings-or-98')
    .describe('AO: the setting `institution`, what 98 says, or the one where the other is missing.'),
  institutionBlanks: z
    .enum(['kept', 'trimmed'])
    .default('kept')
    .describe('Blanks behind the AO of 98: part of it, or padding.'),
  fieldOrder: z
    .record(command, z.array(fieldId))
    .default({})
    .describe('By command: fields that must come first, in this order; the others follow as usual.'),
  emptyFields: z
    .array(fieldId)
    .default([])
    .describe('Optional fields that are sent even when there is nothing to say; required ones always are.'),
  omitFields: z
    .array(fieldId)
    .default([])
    .describe('Fields that are never sent, also where the protocol requires them.'),
  trailingAsciiField: z
    .boolean()
    .default(false)
    .describe('Without checksum, never ends a message in anything but ASCII.'),
  longestValue: z
    .int()
    .min(1)
    .max(65_535)
    .default(longestValue)
    .describe(
      'Characters of one value: free text is cut there, anything longer in an identifier is refused.',
    ),
  longestValueBytes: z
    .int()
    .min(0)
    .max(262_140)
    .default(0)
    .describe('The same in bytes of the charset; 0 does not count them.'),
  longestRequestBytes: z
    .int()
    .min(0)
    .max(longestAnswer)
    .default(0)
    .describe('Bytes of a whole message of ours: what is longer is not sent; 0 does not count them.'),
  longestAnswerBytes: z
    .int()
    .min(255)
    .max(1024 * 1024)
    .default(longestAnswer)
    .describe('Bytes of an answer: a longer one is thrown away.'),
  oneRequestPerConnection: z.boolean().default(false).describe('A new connection for each request.'),
  maxConnections: z.int().min(1).max(64).default(2).describe('Connections held at once.'),
  keepAliveSeconds: seconds(3600).default(240).describe('An idle connection asks 99 this often; 0 never.'),
  idleCloseSeconds: seconds(86_400)
    .default(0)
    .describe('An idle connection is closed after this long; 0 never.'),
  connectTimeoutSeconds: z.number().min(0.1).max(120).default(10).describe('How long connecting may take.'),
  responseTimeoutSeconds: z
    .union([z.literal('from-98'), z.number().min(0.1).max(300)])
    .default('from-98')
    .describe('How long an answer may take; `from-98` takes the library’s word within 3 to 60 s, or 15 s.'),
  retries: z
    .union([z.literal('from-98'), z.int().min(0).max(9)])
    .default('from-98')
    .describe('How often a message is sent again; `from-98` takes the library’s word up to 5, or 3.'),
  resendActs: z
    .boolean()
    .default(false)
    .describe(
      'Whether loans, fees and holds that are not answered in time are sent again with the same AY and AZ, as the protocol allows. Only for systems known to keep the rule that the same AY and AZ are not carried out twice; elsewhere it would lend or charge twice. Reads are always sent again.',
    ),
  itemListContent: z.enum(['barcode', 'title']).default('barcode').describe('What the lists of 64 hold.'),
  pageSize: z
    .int()
    .min(0)
    .max(500)
    .default(20)
    .describe('Items asked for at a time with BP and BQ; 0 leaves both out.'),
  holdCountMeaning: z
    .enum(['waiting', 'all'])
    .default('waiting')
    .describe('The hold count of 64: `waiting` counts those that lie ready, `all` also those that do not.'),
  fineFormat: z
    .enum(['plain', 'eg_legacy', '3m', 'swyer_b', 'id-amount'])
    .default('plain')
    .describe(
      'How a line of AV names its fee. `eg_legacy`: `12.00 BOOK Title`; `3m` (also called swyer_a): `id $12.00 "BOOK" Title`; `swyer_b`: `Charge-Number: id, Amount-Due: 12.00, …`; `id-amount`: `id:12.00`; `plain` is not read.',
    ),
  negativeFeeMeansOwed: z.boolean().default(false).describe('BV below zero is owed, not paid too much.'),
  checksPin: z.boolean().default(true).describe('False where AD is not looked at: CQ then proves nothing.'),
  lenientSplit: z
    .boolean()
    .default(false)
    .describe('A delimiter inside a value does not end it where no id follows.'),
  ignoreMessages: z
    .array(pattern)
    .default([])
    .describe('Screen messages that say nothing and are not shown: regular expressions.'),
  trimMessages: z
    .array(pattern)
    .default([])
    .describe('What is cut out of screen messages: regular expressions.'),
  heedSupported: z
    .boolean()
    .default(true)
    .describe('Takes BX (what the library system says it serves) as a hint; false sends everything.'),
  notServed: z.array(command).default([]).describe('Messages it does not serve whatever BX says.'),
  feeType: command.default('01').describe('Fee type of 37, as agreed with the library.'),
  paymentType: command.default('02').describe('Payment type of 37, as agreed with the library.'),
})
export type Profile = z.infer<typeof profileSchema>

/**
 * Some switches of a profile, as they stand in a settings file. Not the schema's own `partial`: that would fill
 * in defaults over the dialect's.
 */
export const ownSwitches = z.strictObject(
  Object.fromEntries(
    Object.entries(profileSchema.shape).map(([name, schema]) => [
      name,
      schema.unwrap().optional().describe(schema.description!),
    ]),
  ),
) as z.ZodType<Partial<Profile>, Partial<Profile>>

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

import { type Dialect, dp2Manner, gb18030Plain, kohaManner, utf8Checksums } from './dialect.ts'

/** The protocol as written: holds count when they lie ready. */
const written: Dialect = { ...utf8Checksums, holdCountMeaning: 'waiting' }
/** The same, and error detection only for who begins with it. */
const easy: Dialect = { ...written, checksums: 'mirror' }
/** What a Chinese system of the older kind may be like; nothing is known of any. */
const unknown: Dialect = { ...gb18030Plain, holdCountMeaning: 'waiting' }

/** A Perl server: the answer to 97 has AY0, the same request twice is carried out twice, unknown ones end it. */
const perl: Dialect = {
  ...kohaManner,
  terminator: '\r',
  unknownCommand: 'close',
  renewsByCheckout: 'as-asked',
  checkedInOk: true,
  blankPin: 'not-told',
}

/**
 * For each profile of the client a library system that speaks in its manner: after what is told of the real one in
 * the sources named with the profile, so far as anything is told.
 */
export const manners: Readonly<Record<string, Dialect>> = {
  default: written,
  'one-shot': { ...easy, answersOnce: true },
  koha: kohaManner,
  evergreen: {
    ...perl,
    badLogin: 'close',
    holdCountMeaning: 'all',
    itemListContent: 'title',
    fineFormat: 'eg_legacy',
    dueDateFormat: 'iso',
    supported: 'YYYYYYYYYYYNNYYY',
  },
  'perl-sipserver': perl,
  'folio-edge': {
    ...written,
    dueDateFormat: 'sip',
    supported: 'YYYNYYYYYYYNNNYY',
    unknownCommand: 'sentence',
  },
  invenio: {
    ...utf8Checksums,
    checksums: 'mirror',
    bareDigits: true,
    strictSequence: true,
    duplicateRule: false,
    unknownCommand: 'close',
    timeout: '010',
    longestRequest: 1024,
  },
  symphony: { ...easy, loginBy: 'telnet', maxConnections: 2 },
  sierra: {
    ...utf8Checksums,
    checksums: 'mirror',
    dateZone: '0000',
    dueDateFormat: 'iii',
    institutionBlanks: 1,
    allFlagsOnWrongPin: true,
  },
  polaris: {
    ...written,
    checksums: 'utf-16',
    emptyFields: true,
    allIsWell: 'Patron status is ok.',
  },
  alma: { ...easy, renewsByCheckout: 'always' },
  carlx: { ...easy, checksPin: false },
  'ag-verso': { ...easy, dateZone: '0000', supported: 'YYYYNYYYNYYYYYYY' },
  tlc: { ...easy, emptyFields: true, wordMark: '#', renewalNeedsDue: true },
  spydus: { ...easy, trailingPadding: 150, flagsRunOn: true, blankPin: 'Y' },
  wise: { ...easy, statusFirst: true },
  dp2: {
    ...dp2Manner,
    loginEncoding: 'gb18030',
    supported: 'NYYNYNYYYYYYNNYN',
    claimed: 'YYYYYYYYYYYYYYYY',
    unknownCommand: 'sentence',
    emptyFields: true,
    nameless: ['38'],
    negativeFees: true,
    holdCountMeaning: 'waiting',
    longestRequest: 4096,
    maxConnections: 4,
  },
  interlib: unknown,
  huiwen: unknown,
  ilas: unknown,
  'gb18030-plain': unknown,
}

import { usualDueDates } from '../dates.ts'
import type { Dialect } from '../dialect.ts'
import type { Profile } from '../profile.ts'

/** The most careful start with a system of which nothing is known. */
const careful = {
  encoding: 'gb18030',
  sendChecksum: false,
  verifyChecksum: 'lenient',
  trailingAsciiField: true,
} as const satisfies Partial<Profile>
const carefully = {
  encoding: 'a guess, from dp2Capo, which reads GBK before login: other systems of its time and country',
  sendChecksum: 'the most careful start with an unknown system: error detection is optional',
  verifyChecksum: 'takes whatever the unknown system sends',
  trailingAsciiField: 'Perl servers drop other characters from the end of a message (tested)',
}
const nothingPublic = 'none: no public SIP2 document or log was found; every switch is a start to try from'
const findOut = {
  zh: '没有公开文档。这里每一项都只是起点：用 doctor 探一次，首次连通请留下记录，字符集、校验、AO、CP、日期、列表内容都可能要改。',
  en: 'No public document. Every switch is but a start: probe it once and keep the first session; charset, error detection, AO, CP, dates and lists may all have to be turned.',
}

const unknown = (name: string, zh: string, en: string): Dialect => ({
  name,
  title: { zh, en },
  source: nothingPublic,
  note: findOut,
  sets: careful,
  because: carefully,
})

export const china: readonly Dialect[] = [
  {
    name: 'dp2',
    title: { zh: 'dp2 图书馆集成系统', en: 'dp2' },
    source: 'DigitalPlatform/chord dp2Capo SipProcessor.cs; dp2 #720, #756, #765, #816',
    note: {
      zh: 'CN 写成“账号@实例”；CP 以 ! 开头时按它改地点；AO 填机构代码（CN-110108-1-NLC 一类）或留空，填错会报“册记录不存在”。',
      en: 'CN is `user@instance`; a CP that begins with ! overrules the location; AO is the institution’s code (such as CN-110108-1-NLC) or empty: a wrong one makes books “not found”.',
    },
    sets: {
      loginEncoding: 'gb18030',
      percentEncodeLogin: true,
      ignoreSequence: true,
      verifyChecksum: 'lenient',
      maxConnections: 2,
      longestRequestBytes: 4096,
      negativeFeeMeansOwed: true,
      notServed: ['01', '15', '23', '25', '65', '97'],
      dueDateFormats: ['YYYY-MM-DD', ...usualDueDates],
    },
    because: {
      loginEncoding: 'dp2Capo: GBK before the login, then the charset of the account, UTF-8 by default',
      percentEncodeLogin: 'dp2Capo: Chinese in CN and CP must be percent-encoded',
      ignoreSequence: 'chord dp2Capo SipProcessor.cs: answers always carry AY4',
      verifyChecksum: 'dp2 #756, #765: the sum is over UTF-16 units of the text before AY4',
      maxConnections: 'dp2Capo: two channels for an account',
      longestRequestBytes: 'dp2Capo: packets of 4096 bytes',
      negativeFeeMeansOwed: 'dp2Capo: BV negative = owed',
      notServed: 'dp2Capo: 15 23 25 65 97 are answered with a Chinese sentence that is no message',
      dueDateFormats: 'dp2 #756: AH2017-10-28',
    },
  },
  unknown('interlib', '图创 Interlib', 'Interlib'),
  unknown('huiwen', '汇文 Libsys', 'Huiwen Libsys'),
  unknown('ilas', 'ILAS', 'ILAS'),
  {
    ...unknown('gb18030-plain', '国内系统（GB18030，无校验）', 'GB18030 without error detection'),
    source: 'none: the start for any older Chinese system that has no row of its own',
  },
]

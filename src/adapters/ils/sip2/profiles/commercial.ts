import { usualDueDates } from '../dates.ts'
import type { Dialect } from '../dialect.ts'

/** Systems known by their answers and by what their users tell. */
export const commercial: readonly Dialect[] = [
  {
    name: 'symphony',
    title: { zh: 'SirsiDynix Symphony', en: 'SirsiDynix Symphony' },
    source: 'Palace commit ed2b829b9; Libki #110; SIP2.NET README',
    note: {
      zh: '端口常为 6002；可能要 telnet 登录（login: telnet）。',
      en: 'Its port is often 6002; it may ask for a telnet log-in (login: telnet).',
    },
    sets: { maxConnections: 1, idleCloseSeconds: 60, keepAliveSeconds: 0 },
    because: {
      maxConnections: 'Palace commit ed2b829b9: one process per connection, many exhaust it',
      idleCloseSeconds: 'Palace commit ed2b829b9: short connections',
      keepAliveSeconds: 'Palace commit ed2b829b9: short connections',
    },
  },
  {
    name: 'sierra',
    title: { zh: 'Sierra（Innovative）', en: 'Sierra (Innovative)' },
    source: 'Palace test_provider.py; Libki #245, #246; php-sip2 sip2.class.php',
    note: {
      zh: 'SIP 账号由厂商开通；加密走 stunnel。',
      en: 'The vendor makes its SIP accounts; encryption goes through stunnel.',
    },
    sets: {
      zone: '0000',
      institutionBlanks: 'kept',
      lenientSplit: true,
      holdCountMeaning: 'all',
      dueDateFormats: ['sip', 'M/D/YYYY,HH:mm', ...usualDueDates],
    },
    because: {
      zone: 'Palace test_provider.py: Sierra writes 0000',
      institutionBlanks: 'Palace test_provider.py: AO is `nypl ` with a blank',
      lenientSplit: 'Palace test_provider.py: an e-mail address that holds the delimiter twice',
      holdCountMeaning: 'Libki/libki-server #245, #246: counts all holds',
      dueDateFormats: 'php-sip2 sip2.class.php: an III answer with AH5/23/2008,23:59',
    },
  },
  {
    name: 'polaris',
    title: { zh: 'Polaris', en: 'Polaris' },
    source: 'Palace test_provider.py; php-sip2 #8',
    sets: { ignoreMessages: ['^Patron status is ok\\.$'], verifyChecksum: 'lenient' },
    because: {
      ignoreMessages: 'Palace test_provider.py: AF `Patron status is ok.` in good answers',
      verifyChecksum: 'php-sip2 #8: a sum over UTF-16 units, in an answer with the fields of Polaris',
    },
  },
  {
    name: 'alma',
    title: { zh: 'Alma（Ex Libris）', en: 'Alma (Ex Libris)' },
    source: 'developers.exlibrisgroup.com, alma/integrations/selfcheck/sip2',
    note: {
      zh: '只能经 stunnel 连接：tls 填好，或指向本机的 stunnel。该页没列出的报文一律不支持，对照后写进 notServed。',
      en: 'Reached through stunnel only: fill in tls, or point at a stunnel of your own. Messages its page does not list are not served: compare, and put them into notServed.',
    },
    sets: { omitFields: ['AP', 'CH'], resendActs: false },
    because: {
      omitFields: 'its page: AP and CH are not supported',
      resendActs: 'its page: a checkout of an own loan renews it, whatever the renewal policy',
    },
  },
  {
    name: 'carlx',
    title: { zh: 'CARL.X', en: 'CARL.X' },
    source: 'Aspen Discovery SIP2.php',
    sets: { checksPin: false },
    because: { checksPin: 'Aspen SIP2.php: AD is not looked at' },
  },
  {
    name: 'ag-verso',
    title: { zh: 'Auto-Graphics Verso', en: 'Auto-Graphics Verso' },
    source: 'Palace dialect AutoGraphicsVerso',
    sets: {
      sendEndSession: false,
      sendScStatus: 'never',
      zone: '0000',
      keepAliveSeconds: 0,
      idleCloseSeconds: 60,
      notServed: ['35', '99'],
    },
    because: {
      sendEndSession: 'Palace dialect AutoGraphicsVerso: 35 is not known',
      sendScStatus: 'Palace dialect AutoGraphicsVerso: 99 is skipped',
      zone: 'Palace dialect AutoGraphicsVerso: 0000',
      keepAliveSeconds: 'nothing to ask without 99',
      idleCloseSeconds: 'nothing to keep it alive without 99',
      notServed: 'Palace dialect AutoGraphicsVerso: 35 is not known, 99 is skipped',
    },
  },
  {
    name: 'tlc',
    title: { zh: 'TLC Library.Solution', en: 'TLC Library.Solution' },
    source: 'SIP2.NET README; Palace test_provider.py',
    sets: { trimMessages: ['^#+'], dueDateInRenewal: true },
    because: {
      trimMessages: 'Palace test_provider.py: AF begins with #',
      dueDateInRenewal: 'SIP2.NET README: a renewal without a due date in the request fails',
    },
  },
  {
    name: 'spydus',
    title: { zh: 'Spydus', en: 'Spydus' },
    source: 'Libki #351',
    note: {
      zh: '空密码曾被当成正确密码；书桥从不拿空密码去验证。',
      en: 'It has let blank PINs in; Shuqiao never asks with one.',
    },
    sets: { verifyChecksum: 'lenient' },
    because: { verifyChecksum: 'Libki #351: 98 is padded with blanks in front of AY' },
  },
  {
    name: 'wise',
    title: { zh: 'OCLC Wise', en: 'OCLC Wise' },
    source: 'Palace #2434',
    sets: { sendScStatus: 'after-login' },
    because: { sendScStatus: 'Palace #2434: refuses to work before 99' },
  },
]

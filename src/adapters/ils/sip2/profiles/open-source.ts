import type { Dialect } from '../dialect.ts'

const perlServer =
  'Perl SIPServer: the same AY and AZ are carried out twice (t/*.t); Koha and Evergreen stand on it'
const perlEnd = 'Perl SIPServer: characters other than A-z and 0-9 are dropped from the end of a message'

/** Systems whose code is public. */
export const openSource: readonly Dialect[] = [
  {
    name: 'koha',
    title: { zh: 'Koha', en: 'Koha' },
    source: 'Koha-Community/Koha: etc/SIPconfig.xml, C4/SIP',
    note: {
      zh: '账号选项会改变应答；给书桥的账号保持默认即可，不要打开 allow_empty_passwords。',
      en: 'Options of the account change its answers: leave them as they are, and allow_empty_passwords off.',
    },
    sets: { resendActs: false, trailingAsciiField: true },
    because: { resendActs: perlServer, trailingAsciiField: perlEnd },
  },
  {
    name: 'evergreen',
    title: { zh: 'Evergreen', en: 'Evergreen' },
    source: 'Evergreen: docs sip_server_communication, oils_sip.xml.example, OpenILS/SIP',
    note: {
      zh: '若已设 msg64_summary_datatype=barcode，请把 itemListContent 改为 barcode。',
      en: 'With msg64_summary_datatype=barcode set there, turn itemListContent to barcode here.',
    },
    sets: {
      holdCountMeaning: 'all',
      itemListContent: 'title',
      fineFormat: 'eg_legacy',
      notServed: ['19', '25'],
      resendActs: false,
      trailingAsciiField: true,
    },
    because: {
      holdCountMeaning: 'Libki/libki-server #245, #246: counts all holds',
      itemListContent: 'docs sip_server_communication: titles unless msg64_summary_datatype=barcode',
      fineFormat: 'oils_sip.xml.example: av_format eg_legacy is the first of four',
      notServed: 'docs sip_server_communication: 19 and 25 are not supported',
      resendActs: perlServer,
      trailingAsciiField: perlEnd,
    },
  },
  {
    name: 'perl-sipserver',
    title: { zh: 'openncip SIPServer', en: 'openncip SIPServer' },
    source: 'evergreen-library-system/SIPServer, run with its own tests',
    sets: { resendActs: false, trailingAsciiField: true },
    because: { resendActs: perlServer, trailingAsciiField: perlEnd },
  },
  {
    name: 'folio-edge',
    aliases: ['folio'],
    title: { zh: 'FOLIO edge-sip2', en: 'FOLIO edge-sip2' },
    source: 'folio-org/edge-sip2: README, NEWS, src/test',
    note: {
      zh: '分隔符、字符集、校验按租户设；CP 和 AP 必须是服务点的 UUID。',
      en: 'Delimiter, charset and error detection are set for each tenant; CP and AP must be UUIDs of service points.',
    },
    sets: {
      encoding: 'cp850',
      verifyChecksum: 'strict',
      resendActs: true,
      notServed: ['01', '15', '19', '25'],
    },
    because: {
      encoding: 'edge-sip2 README: IBM850 where the tenant sets none',
      verifyChecksum: 'edge-sip2: with error detection on every message has AY and AZ',
      resendActs: 'edge-sip2: the last answer is replayed for the same AY and AZ',
      notServed: 'edge-sip2: 01, 15, 19 and 25 are read and have no handler',
    },
  },
  {
    name: 'invenio',
    title: { zh: 'invenio-sip2（RERO ILS）', en: 'invenio-sip2 (RERO ILS)' },
    source: 'inveniosoftware-contrib/invenio-sip2; rero-ils #2537, #2248, #3173',
    sets: { longestRequestBytes: 1024, resendActs: false, holdCountMeaning: 'all' },
    because: {
      longestRequestBytes: 'invenio-sip2: one block of 1024 bytes is taken for one message',
      resendActs: 'invenio-sip2: a repeated AY is answered with 96, not with the last answer',
      holdCountMeaning: 'rero-ils #3173: all requests came as AS, ready or not',
    },
  },
]

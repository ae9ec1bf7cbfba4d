import type { Dialect } from '../dialect.ts'

export const general: readonly Dialect[] = [
  {
    name: 'default',
    title: { zh: '标准 SIP2', en: 'The protocol as written' },
    source: '3M Standard Interchange Protocol 2.00, revision 2.12',
    sets: {},
    because: {},
  },
  {
    name: 'one-shot',
    title: { zh: '每连接一次请求', en: 'One request a connection' },
    source: 'php-sip2 #6: answers of a French library system whose make is not told',
    note: {
      zh: '姓名栏（AE）里可能夹有通知文字。',
      en: 'The name (AE) may hold the text of a notice as well.',
    },
    sets: { oneRequestPerConnection: true },
    because: { oneRequestPerConnection: 'php-sip2 #6: the second 63 on a connection is never answered' },
  },
]

import type { ReactNode } from 'react'
import type { MeJson } from '../../gateway/http/api/reader.ts'
import { Empty, Trouble, Waiting } from '../base/parts.tsx'
import { to, useRoute } from '../base/route.ts'
import { useWords } from '../base/words.tsx'
import { useReader } from './session.ts'

/** What only the reader may see; a visitor is shown the door, and comes back here afterwards. */
export const SignedIn = ({ children }: { children: (me: MeJson) => ReactNode }) => {
  const { t } = useWords()
  const { hash } = useRoute()
  const reader = useReader()
  if (reader.signedIn && reader.data) return children(reader.data)
  if (reader.busy) return <Waiting lines={6} />
  if (reader.problem && !reader.problem.signedOut)
    return <Trouble problem={reader.problem} again={reader.again} />
  return (
    <Empty say={t.reader.orders.signIn}>
      <a className="main-link" href={to('login', { next: hash })}>
        {t.reader.signIn}
      </a>
    </Empty>
  )
}

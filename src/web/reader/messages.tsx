import { useEffect } from 'react'
import type { MessageJson, MessagePageJson } from '../../gateway/http/api/reader.ts'
import { post } from '../base/api.ts'
import { useData } from '../base/data.ts'
import { Empty, Loaded, When } from '../base/parts.tsx'
import { to } from '../base/route.ts'
import { useWords } from '../base/words.tsx'
import { Page } from './shell.tsx'
import { SignedIn } from './signed-in.tsx'

/** Seeing the list is reading it. */
const useMarkRead = (items: readonly MessageJson[] | undefined): void => {
  const unread = items?.some(message => !message.read) ?? false
  useEffect(() => {
    if (unread) post('/api/me/messages/read').catch(() => undefined)
  }, [unread])
}

const Known = () => {
  const { t, w } = useWords()
  const messages = useData<MessagePageJson>('/api/me/messages')
  useMarkRead(messages.data?.items)
  return (
    <Loaded of={messages} lines={6}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty say={t.reader.messages.none} />
        ) : (
          <ul className="card rows">
            {items.map(message => (
              <li key={message.id} className={message.read ? 'message' : 'message unread'}>
                <div className="fee-sum">
                  <h2>{w(message.title)}</h2>
                  <span className="quiet small">
                    <When at={message.at} />
                  </span>
                </div>
                <p>{w(message.body)}</p>
                {message.orderId && (
                  <a className="text-link" href={to(`order/${encodeURIComponent(message.orderId)}`)}>
                    {t.reader.messages.see}
                  </a>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

export default function Messages() {
  const { t } = useWords()
  return (
    <Page title={t.reader.messages.title}>
      <SignedIn>{() => <Known />}</SignedIn>
    </Page>
  )
}

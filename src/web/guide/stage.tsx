import { useState } from 'react'
import type { DemoJson } from '../../gateway/http/api/demo.ts'
import { Icon } from '../base/icons.tsx'
import { useWords } from '../base/words.tsx'

type Screen = 'reader' | 'staff' | 'kiosk'

export interface Frames {
  readonly shown: Screen
  /** The windows of the frames that were opened, for the scanner. */
  readonly windows: Partial<Record<Screen, Window>>
}

const screens: readonly Screen[] = ['reader', 'staff', 'kiosk']
const icons = { reader: 'person', staff: 'scan', kiosk: 'locker' } as const

const addressOf = (screen: Screen, demo: DemoJson): string => {
  if (screen === 'reader') return `/#/book/${encodeURIComponent(demo.book.recordId)}`
  return screen === 'staff' ? '/staff#/find' : '/kiosk'
}

/** The real pages, each in a frame of its own that stays open once it was shown. */
export const Stage = (props: {
  demo: DemoJson
  frames: React.RefObject<Frames>
  shown: Screen
  show: (screen: Screen) => void
}) => {
  const { t } = useWords()
  const { demo, frames, shown, show } = props
  const [opened, setOpened] = useState<ReadonlySet<Screen>>(new Set([shown]))
  if (!opened.has(shown)) setOpened(new Set([...opened, shown]))
  return (
    <section className="stage">
      <div className="tabs">
        {screens.map(screen => (
          <button key={screen} type="button" aria-pressed={screen === shown} onClick={() => show(screen)}>
            <Icon name={icons[screen]} size={20} />
            {t.guide[screen]}
          </button>
        ))}
        <a href={addressOf(shown, demo)} target="_blank" rel="noreferrer">
          {t.guide.openAlone}
        </a>
      </div>
      {screens.map(
        screen =>
          opened.has(screen) && (
            <div key={screen} className={`frame ${screen}`} hidden={screen !== shown}>
              <iframe
                title={t.guide[screen]}
                src={addressOf(screen, demo)}
                ref={element => {
                  const window_ = element?.contentWindow
                  if (window_) frames.current.windows[screen] = window_
                }}
              />
            </div>
          ),
      )}
    </section>
  )
}

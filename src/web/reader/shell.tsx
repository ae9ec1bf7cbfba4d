import type { ReactNode } from 'react'
import { Icon } from '../base/icons.tsx'
import { Mark } from '../base/mark.tsx'
import { useHeading } from '../base/route.ts'
import { choose, useSettings } from '../base/settings.ts'
import { useWords } from '../base/words.tsx'
import { useBasket } from './basket.ts'
import { useLibrary } from './session.ts'

const Basket = () => {
  const { t } = useWords()
  const count = useBasket().length
  return (
    <a className="tool" href="#/basket" aria-label={count > 0 ? t.reader.basketOf(count) : t.reader.basket}>
      <Icon name="basket" />
      {count > 0 && <span className="count">{count}</span>}
    </a>
  )
}

/** Name of the house, the basket, and the reader's own corner. */
export const Header = () => {
  const { t, w } = useWords()
  const { library } = useLibrary()
  return (
    <header className="top">
      <div className="inside">
        <a className="house" href="#/">
          <Mark />
          <span className="serif">{library ? t.reader.at(w(library.name)) : t.name}</span>
        </a>
        <nav className="tools" aria-label={t.reader.menu}>
          <Basket />
          <a className="tool" href="#/me" aria-label={t.reader.menu}>
            <Icon name="menu" />
          </a>
        </nav>
      </div>
    </header>
  )
}

/** A page with its own title and the way back. */
export const Page = (props: {
  title: string
  children: ReactNode
  wide?: boolean
  /** The title is a book's: set in serif. */
  book?: boolean
}) => {
  const { t } = useWords()
  const heading = useHeading()
  const goBack = () => {
    if (history.length > 1) history.back()
    else location.hash = '#/'
  }
  return (
    <>
      <title>{`${props.title} · ${t.name}`}</title>
      <div className="heading">
        <button type="button" className="tool" aria-label={t.back} onClick={goBack}>
          <Icon name="back" />
        </button>
        <h1 ref={heading} tabIndex={-1} className={props.book ? 'title' : ''}>
          {props.title}
        </h1>
      </div>
      <div className={props.wide ? 'page wide' : 'page'}>{props.children}</div>
    </>
  )
}

/** Language and type size: at the foot of every page, since who needs them may not find a menu. */
export const Footer = () => {
  const { t } = useWords()
  const { language, large } = useSettings()
  const { library } = useLibrary()
  return (
    <footer className="foot">
      <button
        type="button"
        className="link"
        lang={language === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => choose({ language: language === 'zh' ? 'en' : 'zh' })}
      >
        {t.otherLanguage}
      </button>
      <button type="button" className="link" onClick={() => choose({ large: !large })}>
        {large ? t.plainType : t.largeType}
      </button>
      {library && <a href={`tel:${library.phone}`}>{t.libraryPhone(library.phone)}</a>}
    </footer>
  )
}

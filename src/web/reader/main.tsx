import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../base/base.css'
import '../base/acts.css'
import './shell.css'
import './rows.css'
import './forms.css'
import './home.css'
import './search.css'
import './book.css'
import './orders.css'
import './code.css'
import './rules.css'
import { applySettings } from '../base/settings.ts'
import { Speaks } from '../base/words.tsx'
import { App } from './app.tsx'

applySettings()
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <Speaks>
      <App />
    </Speaks>
  </StrictMode>,
)

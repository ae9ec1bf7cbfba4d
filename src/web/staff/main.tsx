import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../base/base.css'
import './desk.css'
import './scan.css'
import './work.css'
import './today.css'
import './lockers.css'
import './line-setup.css'
import './report.css'
import './print.css'
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

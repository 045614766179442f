package loadtest

const organization = `kind: Organization
id: northwind
name: Northwind IT
timezone: America/Chicago
working-days: [mon, tue, wed, thu, fri]
holidays:
  country: us
  add: [{date: 2026-11-27, name: Day after Thanksgiving}]
email-domains: [northwind.example]
roles:
  - {id: vcio, title: vCIO}
  - {id: account-manager, title: Account manager, deputy: vcio}
  - {id: engineer, title: Engineer}
  - {id: support, title: Support, pool: true}
github: {repository: northwind/client-operations}
channels:
  - {id: staff-mail, type: email, from: almanac@northwind.example, server-from: {env: SMTP_URL}}
defaults: {roll: modified-following, notify: [{before: 2 weeks}], via: [staff-mail]}
`

const vcio = `kind: ProcessTemplate
id: vcio
title: vCIO process
owner: dana
version: "2.0"
published: 2026-01-15
expires: 2030-01-15
steps:
  - {id: audit, type: audit, title: IT audit, due: 2 months before, owner: engineer, prepares: annual-strategy}
  - id: annual-strategy
    type: meeting
    title: Annual strategy
    due: 1 month before
    owner: vcio
    with: [account-manager]
    notify: [{to: [account-manager, vcio], before: 3 weeks}, {to: [vcio], before: 2 business days}]
    checklist: [Review last year's roadmap, Budget proposal]
  - {id: q1-follow-up, type: meeting, title: Quarterly follow-up, due: 2 months after, owner: vcio}
  - {id: q2-follow-up, type: meeting, title: Quarterly follow-up, due: 5 months after, owner: vcio}
  - {id: q4-follow-up, type: meeting, title: Quarterly follow-up, due: 8 months after, owner: vcio}
`

const care = `kind: ProcessTemplate
id: essential-care
title: Essential care
owner: marcus
version: "1.1"
published: 2026-01-15
expires: 2030-01-15
steps:
  - {id: restore-test, type: task, title: Restore test, due: 1 month after, every: 3 months, times: 4, owner: engineer}
  - {id: review, type: review, title: Yearly review, due: 2 weeks before, owner: account-manager}
`

const onboarding = `kind: OnboardingPlan
id: onboarding
title: Onboarding
owner: lee
version: "1.4"
published: 2026-01-15
expires: 2030-01-15
milestones: [{id: training, title: Training on site, due: week 3}]
weeks:
  - week: 0
    steps:
      - {id: signup, number: "0.1", title: Sign-up documents, owner: account-manager}
      - {id: handover, number: "0.5", title: Hand-over to support, owner: account-manager, with: [support], after: [signup]}
  - week: 1
    steps:
      - {id: first-call, number: "1.1", type: call, title: First call, owner: support, touchpoint: true}
  - week: 0
    milestone: training
    steps:
      - {id: training-day, number: "3.1", type: meeting, title: Training, owner: engineer, touchpoint: true}
`

"""Who gets what from every address: one table of all routes, tried in full.

A route without a row fails, and so does a row without a route.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from werkzeug.test import TestResponse

from kcs.activity.models import Activity
from kcs.app import create_app
from kcs.articles.flags import flag_article
from kcs.articles.images import store_image
from kcs.articles.models import Article
from kcs.articles.planning import plan_move
from kcs.articles.services import move_article, save_version
from kcs.authoring.models import WritingRequest
from kcs.database import db
from kcs.experts import services as questions
from kcs.experts.links import Terms
from kcs.experts.models import MayShow
from kcs.extensions import limiter
from kcs.help_centre.feedback import issue
from kcs.improving.services import give_feedback
from kcs.people import services as people
from kcs.people.access import Permission, permission_of, requires
from kcs.people.identities import identify
from kcs.people.models import Agent
from kcs.publishing.models import Drift, DriftKind, Publication, PublicationState, Target
from kcs.publishing.rules import Rule, save_rule
from kcs.reviews.comments import Passage
from kcs.reviews.deciding import return_with_comments
from kcs.reviews.models import Asks
from kcs.reviews.services import ask_review
from kcs.sampling.questions import SHIPPED, Kind
from kcs.sampling.services import judge
from kcs.sampling.things import get_thing
from kcs.search.duplicate_models import DuplicatePair, PairState
from kcs.search.log import Searched, keep_search
from kcs.search.models import MeaningKind, Place, SearchLog
from kcs.search.vocabulary_acts import save_bet, save_meaning
from kcs.solving.models import Link
from kcs.solving.queries import created_link
from kcs.solving.services import draft_article, link_article
from kcs.tickets.models import Connection, Ticket
from tests.articles.test_images import picture
from tests.conftest import settings_for
from tests.factories import PASSWORD, QUICK_HASHER, make_agent, make_article, make_connection, make_ticket
from tests.fakes import FakeDesk, FakeProvider, fake_delivery
from workflow.article import ArticleState, Audience, Move
from workflow.permissions import RIGHTS, Licence, Role

# Numbers are statuses. `in`: sent to the sign-in page. `back`: sent back to the ticket with a refusal and
# nothing changed. The case says what the request is about: an article by its state and author, a ticket that
# is fresh, has a link or a draft, and for a move its name.
RULES = """
method rule                                          case                         visitor unlicensed candidate contributor publisher coach expert manager admin
GET    /                                             -                            in      302  302  302  302  302  302  302  302
GET    /my-work                                      -                            in      200  200  200  200  200  200  200  200
GET    /my-work/<section>                            -                            in      200  200  200  200  200  200  200  200
POST   /my-work/checks/<key>/confirm                 validated/own                in      403  403  303  303  303  303  403  403
GET    /articles                                     -                            in      200  200  200  200  200  200  200  200
GET    /articles/<key>                               wip/theirs                   in      200  200  200  200  200  200  200  200
GET    /articles/<key>                               deleted/theirs               in      404  404  404  404  404  404  404  404
GET    /articles/new                                 -                            in      403  200  200  200  200  200  403  403
POST   /articles/new                                 -                            in      403  303  303  303  303  303  403  403
GET    /writing-requests/new                         -                            in      403  200  200  200  200  200  403  403
POST   /writing-requests                             to-write/theirs              in      403  303  303  303  303  303  403  403
POST   /writing-requests/<int:request_id>/dismiss    to-write/own                 in      403  303  303  303  303  303  403  403
POST   /writing-requests/<int:request_id>/dismiss    to-write/theirs              in      403  404  404  404  404  404  403  403
GET    /articles/<key>/edit                          validated/theirs             in      403  403  200  200  200  200  403  403
GET    /articles/<key>/edit                          validated/own                in      403  200  200  200  200  200  403  403
GET    /articles/<key>/edit                          published/own                in      403  403  403  200  403  403  403  403
POST   /articles/<key>/edit                          validated/theirs             in      403  403  303  303  303  303  403  403
POST   /articles/<key>/edit                          validated/own                in      403  303  303  303  303  303  403  403
POST   /articles/<key>/edit                          published/own                in      403  403  403  303  403  403  403  403
GET    /articles/compare                             -                            in      403  200  200  200  200  200  403  403
GET    /articles/titles                              -                            in      403  200  200  200  200  200  403  403
POST   /articles/preview                             -                            in      403  200  200  200  200  200  403  403
POST   /articles/assist                              -                            in      403  200  200  200  200  200  403  403
POST   /articles/<key>/unsaved                       validated/theirs             in      403  200  200  200  200  200  403  403
POST   /articles/<key>/unsaved/discard               validated/theirs             in      403  back back back back back  403  403
POST   /articles/<key>/flags                         published/theirs             in      403  303  303  303  303  303  403  403
POST   /articles/<key>/moves/<name>                  complete/wip/theirs          in      403  403  303  303  303  303  403  403
POST   /articles/<key>/moves/<name>                  complete/wip/own             in      403  303  303  303  303  303  403  403
POST   /articles/<key>/moves/<name>                  validate/not_validated/own   in      403  403  303  303  303  303  403  403
POST   /articles/<key>/moves/<name>                  publish/validated/own        in      403  403  403  303  403  403  403  403
POST   /articles/<key>/moves/<name>                  doubt/validated/own          in      403  403  303  303  303  303  403  403
POST   /articles/<key>/moves/<name>                  withdraw/published/own       in      403  403  403  303  403  403  403  403
POST   /articles/<key>/moves/<name>                  archive/validated/own        in      403  403  403  303  403  303  403  403
POST   /articles/<key>/moves/<name>                  restore/archived/own         in      403  403  303  303  303  303  403  403
POST   /articles/<key>/moves/<name>                  delete/wip/own               in      403  303  303  303  303  303  403  403
POST   /articles/<key>/moves/<name>                  delete/wip/theirs            in      403  403  303  303  303  303  403  403
GET    /articles/<key>/versions                      wip/theirs                   in      200  200  200  200  200  200  200  200
GET    /articles/<key>/versions/<int:number>         wip/theirs                   in      200  200  200  200  200  200  200  200
POST   /articles/<key>/versions/<int:number>/restore edited/theirs                in      403  back 303  303  303  303  403  403
POST   /articles/<key>/versions/<int:number>/restore edited/own                   in      403  303  303  303  303  303  403  403
POST   /articles/<key>/privacy/mask                  personal/theirs              in      403  403  303  303  303  303  403  403
POST   /articles/<key>/privacy/mask                  personal/own                 in      403  303  303  303  303  303  403  403
POST   /articles/<key>/privacy/waive                 personal/own                 in      403  403  403  303  403  403  403  403
POST   /articles/<key>/confirm                       validated/own                in      403  403  303  303  303  303  403  403
POST   /articles/<key>/feedback                      published/theirs             in      303  303  303  303  303  303  303  303
POST   /articles/<key>/watch                         published/theirs             in      303  303  303  303  303  303  303  303
GET    /articles/merge                               -                            in      403  200  200  200  200  200  403  403
POST   /articles/merge                               validated/theirs             in      403  403  403  303  403  303  403  403
GET    /articles/duplicates                          -                            in      200  200  200  200  200  200  200  200
POST   /articles/duplicates/<int:pair_id>/dismiss    alike/theirs                 in      403  403  403  303  403  303  403  403
POST   /articles/duplicates/<int:pair_id>/put-back   unlike/theirs                in      403  403  403  303  403  303  403  403
GET    /gaps                                         -                            in      200  200  200  200  200  200  200  200
GET    /evolve                                       -                            in      403  403  403  403  200  200  200  200
GET    /evolve/gaps                                  -                            in      403  403  403  403  200  200  200  200
GET    /evolve/archive                               -                            in      403  403  403  403  200  200  200  200
GET    /evolve/holders                               -                            in      403  403  403  403  200  200  200  200
GET    /evolve/product                               -                            in      403  403  403  403  200  200  200  200
GET    /evolve/product.csv                           -                            in      403  403  403  403  200  200  200  200
GET    /evolve/patterns                              -                            in      403  403  403  403  200  200  200  200
GET    /evolve/patterns.csv                          -                            in      403  403  403  403  200  200  200  200
GET    /flags                                        -                            in      200  200  200  200  200  200  200  200
POST   /flags/<int:flag_id>/decline                  flagged/theirs               in      403  403  303  303  303  303  403  403
POST   /flags/<int:flag_id>/decline                  flagged/own                  in      403  303  303  303  303  303  403  403
GET    /feedback                                     -                            in      200  200  200  200  200  200  200  200
POST   /feedback/<int:feedback_id>/take              spoken/theirs                in      403  403  303  303  303  303  403  403
POST   /feedback/<int:feedback_id>/answer            spoken/theirs                in      403  403  303  303  303  303  403  403
POST   /feedback/<int:feedback_id>/answer            spoken/own                   in      403  303  303  303  303  303  403  403
POST   /feedback/<int:feedback_id>/close             spoken/own                   in      403  303  303  303  303  303  403  403
POST   /articles/images                              -                            in      403  422  422  422  422  422  403  403
GET    /articles/images/<name>                       picture/theirs               in      200  200  200  200  200  200  200  200
GET    /help/images/<name>                           picture/theirs               404     404  404  404  404  404  404  404  404
GET    /search                                       -                            in      200  200  200  200  200  200  200  200
GET    /search/results                               -                            in      200  200  200  200  200  200  200  200
GET    /reviews                                      -                            in      200  200  200  200  200  200  200  200
GET    /reviews/<int:review_id>                      asked/theirs                 in      200  200  200  200  200  200  200  200
POST   /reviews/<int:review_id>/decisions            asked/theirs                 in      403  403  303  303  303  303  403  403
POST   /reviews/<int:review_id>/decisions            asked/own                    in      403  403  403  403  403  403  403  403
POST   /reviews/<int:review_id>/comments             asked/theirs                 in      403  403  303  303  303  303  403  403
POST   /reviews/<int:review_id>/fix                  asked/theirs                 in      403  403  303  303  303  303  403  403
POST   /reviews/<int:review_id>/resubmit             returned/theirs              in      403  403  403  403  403  403  403  403
POST   /reviews/<int:review_id>/resubmit             returned/own                 in      403  303  303  303  303  303  403  403
POST   /articles/<key>/reviews                       not_validated/own            in      403  303  303  303  303  303  403  403
GET    /samples/                                     -                            in      200  200  200  200  200  200  200  200
GET    /samples/mine                                 -                            in      200  200  200  200  200  200  200  200
GET    /reports/people/<int:agent_id>                work/theirs                  in      404  404  404  404  200  404  404  404
GET    /reports/people/<int:agent_id>                work/own                     in      200  200  200  200  200  200  200  200
GET    /samples/of/<int:agent_id>                    work/theirs                  in      404  404  404  404  200  404  404  404
GET    /samples/of/<int:agent_id>                    work/own                     in      200  200  200  200  200  200  200  200
GET    /samples/<int:sample_id>                      judged/theirs                in      404  404  404  404  200  404  404  404
GET    /samples/<int:sample_id>                      judged/own                   in      200  200  200  200  200  200  200  200
GET    /samples/<kind>/<int:thing_id>                to-judge/theirs              in      404  404  404  404  200  404  404  404
GET    /samples/<kind>/<int:thing_id>                to-judge/own                 in      403  403  403  403  403  403  403  403
POST   /samples/<kind>/<int:thing_id>                to-judge/theirs              in      404  404  404  404  303  404  404  404
POST   /samples/<kind>/<int:thing_id>                to-judge/own                 in      403  403  403  403  403  403  403  403
GET    /admin/samples/                               -                            in      403  403  403  403  403  403  403  200
POST   /admin/samples/<asked_of>                     -                            in      403  403  403  403  403  403  403  303
POST   /admin/samples/<asked_of>/<code>              -                            in      403  403  403  403  403  403  403  303
GET    /articles/<key>/propose                       published/theirs             in      403  200  200  200  200  200  403  403
POST   /articles/<key>/propose                       published/theirs             in      403  303  303  303  303  303  403  403
POST   /articles/<key>/plans                         validated/theirs             in      403  403  403  303  403  303  403  403
POST   /articles/<key>/plans/<int:plan_id>/cancel    planned/theirs               in      403  403  403  303  403  303  403  403
POST   /articles/bulk                                validated/own                in      403  303  303  303  303  303  403  403
GET    /tickets                                      -                            in      200  200  200  200  200  200  200  200
GET    /tickets/next                                 -                            in      302  302  302  302  302  302  302  302
GET    /tickets/<connection>/<ticket_id>             fresh                        in      200  200  200  200  200  200  200  200
GET    /embed/<connection>                           -                            404     404  404  404  404  404  404  404  404
POST   /embed/<connection>                           -                            404     404  404  404  404  404  404  404  404
GET    /embed/<connection>/tickets/<ticket_id>       fresh                        in      200  200  200  200  200  200  200  200
GET    /embed/<connection>/tickets/<ticket_id>/closing fresh                        in      200  200  200  200  200  200  200  200
POST   /embed/<connection>/tickets/<ticket_id>/hints fresh                        in      204  204  204  204  204  204  204  204
GET    /embed/<connection>/sign-in                   -                            in      404  404  404  404  404  404  404  404
POST   /embed/<connection>/sign-in                   -                            in      404  404  404  404  404  404  404  404
POST   /embed/<connection>/renewals                  -                            in      in  in  in  in  in  in  in  in
POST   /embed/<connection>/passed-saves              -                            in      415  415  415  415  415  415  415  415
GET    /admin/connections/<connection>/app.zip             -                            in      403  403  403  403  403  403  403  200
POST   /admin/connections/<connection>/app                 -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/app/hosts           -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/app/look-up         -                            in      403  403  403  403  403  403  403  back
GET    /live/<connection>/<ticket_id>                fresh                        in      204  204  204  204  204  204  204  204
GET    /live/<connection>/<ticket_id>/poll           fresh                        in      200  200  200  200  200  200  200  200
GET    /live/<connection>/<ticket_id>/notice         fresh                        in      200  200  200  200  200  200  200  200
GET    /tickets/<connection>/<ticket_id>/search      fresh                        in      200  200  200  200  200  200  200  200
GET    /tickets/<connection>/<ticket_id>/knowledge   fresh                        in      200  200  200  200  200  200  200  200
GET    /tickets/<connection>/<ticket_id>/suggestions fresh                        in      200  200  200  200  200  200  200  200
POST   /tickets/<connection>/<ticket_id>/suggestions fresh                        in      200  200  200  200  200  200  200  200
POST   /tickets/<connection>/<ticket_id>/searches    fresh                        in      204  204  204  204  204  204  204  204
GET    /tickets/<connection>/<ticket_id>/preview/<key> fresh                      in      200  200  200  200  200  200  200  200
POST   /tickets/<connection>/<ticket_id>/send        fresh                        in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/passed-over fresh                        in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/passed-over/undo fresh                   in      403  back back back back back  403  403
GET    /panel                                        -                            in      200  200  200  200  200  200  200  200
POST   /tickets/<connection>/<ticket_id>/links       fresh                        in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/links/<int:link_id>/remove linked/theirs in      403  303  303  303  303  303  403  403
GET    /tickets/<connection>/<ticket_id>/links/<int:link_id>/changes linked/theirs in     200  200  200  200  200  200  200  200
POST   /tickets/<connection>/<ticket_id>/draft       fresh                        in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/draft/discard drafted/own                in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/draft/discard drafted/theirs             in      403  back 303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/draft/replace drafted/own                in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/draft/replace drafted/theirs             in      403  back 303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/exemption   fresh                        in      403  303  303  303  303  303  403  403
GET    /tickets/<connection>/<ticket_id>/fix/<key>   linked/theirs                in      403  403  200  200  200  200  403  403
GET    /tickets/<connection>/<ticket_id>/fix/<key>   linked/own                   in      403  200  200  200  200  200  403  403
POST   /tickets/<connection>/<ticket_id>/fix/<key>   linked/theirs                in      403  403  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/fix/<key>   linked/own                   in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/flags       linked/theirs                in      403  303  303  303  303  303  403  403
POST   /tickets/<connection>/<ticket_id>/confirmations linked/theirs                in      403  back 303  303  303  303  403  403
GET    /tickets/<connection>/<ticket_id>/ask         fresh                        in      403  200  200  200  200  200  403  403
POST   /tickets/<connection>/<ticket_id>/ask         fresh                        in      403  303  303  303  303  303  403  403
GET    /questions                                    -                            in      200  200  200  200  200  200  200  200
GET    /questions/<int:question_id>                  question/theirs              in      404  200  200  200  200  200  404  404
GET    /questions/<int:question_id>                  question/own                 in      200  200  200  200  200  200  200  200
POST   /questions/<int:question_id>/answer           question/theirs              in      404  403  403  403  403  403  404  404
POST   /questions/<int:question_id>/answer           question/own                 in      303  303  303  303  303  303  303  303
POST   /questions/<int:question_id>/pass-on          question/theirs              in      404  403  403  403  403  403  404  404
POST   /questions/<int:question_id>/pass-on          question/own                 in      303  303  303  303  303  303  303  303
POST   /questions/<int:question_id>/draft            replied/theirs               in      403  303  303  303  303  303  403  403
POST   /questions/<int:question_id>/withdraw         question/theirs              in      403  back back back 303  back 403  403
GET    /answer/<token>                               question/theirs              200     200  200  200  200  200  200  200  200
POST   /answer/<token>                               question/theirs              303     303  303  303  303  303  303  303  303
POST   /answer/<token>/pass-on                       question/theirs              303     303  303  303  303  303  303  303  303
GET    /admin/                                       -                            in      403  403  403  403  403  403  403  200
GET    /admin/templates/new                          -                            in      403  403  403  403  403  403  403  200
POST   /admin/templates/new                          -                            in      403  403  403  403  403  403  403  303
GET    /admin/templates/<key>                        template                     in      403  403  403  403  403  403  403  200
POST   /admin/templates/<key>                        template                     in      403  403  403  403  403  403  403  303
GET    /admin/domains/new                            -                            in      403  403  403  403  403  403  403  200
POST   /admin/domains/new                            -                            in      403  403  403  403  403  403  403  303
GET    /admin/domains/<key>                          domain                       in      403  403  403  403  403  403  403  200
POST   /admin/domains/<key>                          domain                       in      403  403  403  403  403  403  403  303
GET    /publishing/drifts                            -                            in      200  200  200  200  200  200  200  200
GET    /publishing/drifts/<int:drift_id>             drift/theirs                 in      200  200  200  200  200  200  200  200
POST   /publishing/drifts/<int:drift_id>/decisions   drift/theirs                 in      403  403  403  303  403  403  403  403
POST   /articles/<key>/publications/<int:publication_id>/send unsent/theirs        in      403  403  403  303  403  403  403  403
GET    /admin/connections/                           -                            in      403  403  403  403  403  403  403  200
GET    /admin/connections/new                        -                            in      403  403  403  403  403  403  403  200
POST   /admin/connections/new                        -                            in      403  403  403  403  403  403  403  303
GET    /admin/connections/oauth/callback             -                            in      403  403  403  403  403  403  403  403
GET    /admin/connections/<connection>               -                            in      403  403  403  403  403  403  403  200
POST   /admin/connections/<connection>/authorise     -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/check         -                            in      403  403  403  403  403  403  403  back
POST   /admin/connections/<connection>/webhook       -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/secret        -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/secret/former -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/key           -                            in      403  403  403  403  403  403  403  400
GET    /admin/connections/<connection>/delivery      -                            in      403  403  403  403  403  403  403  200
POST   /admin/connections/<connection>/closing       -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/product       -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/active        -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/sync              -                            in      403  403  403  403  403  403  403  back
GET    /admin/connections/<connection>/people            -                            in      403  403  403  403  403  403  403  200
POST   /admin/connections/<connection>/people/<int:identity_id> desk-user/theirs     in      403  403  403  403  403  403  403  303
GET    /admin/connections/<connection>/publishing    -                            in      403  403  403  403  403  403  403  200
POST   /admin/connections/<connection>/publishing    -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/publishing/rules rule/theirs               in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/publishing/rules/<int:rule_id>/remove rule/theirs in 403 403  403  403  403  403  403  303
GET    /admin/connections/<connection>/adoption      taken-over/theirs in      403  403  403  403  403  403  403  200
POST   /admin/connections/<connection>/adoption      taken-over/theirs in      403  403  403  403  403  403  403  303
GET    /admin/connections/<connection>/writes        -                            in      403  403  403  403  403  403  403  200
POST   /admin/connections/<connection>/writes        -                            in      403  403  403  403  403  403  403  303
POST   /admin/connections/<connection>/publishing/refresh -                       in      403  403  403  403  403  403  403  back
GET    /admin/rights                                 -                            in      403  403  403  403  403  403  403  200
POST   /admin/rights                                 -                            in      403  403  403  403  403  403  403  back
GET    /admin/search/                                -                            in      403  403  403  403  403  403  403  200
GET    /admin/search/meanings/new                    -                            in      403  403  403  403  403  403  403  200
POST   /admin/search/meanings/new                    -                            in      403  403  403  403  403  403  403  303
GET    /admin/search/meanings/<int:entry_id>         meaning                      in      403  403  403  403  403  403  403  200
POST   /admin/search/meanings/<int:entry_id>         meaning                      in      403  403  403  403  403  403  403  303
POST   /admin/search/meanings/<int:entry_id>/remove  meaning                      in      403  403  403  403  403  403  403  303
GET    /admin/search/best-bets/new                   -                            in      403  403  403  403  403  403  403  200
POST   /admin/search/best-bets/new                   -                            in      403  403  403  403  403  403  403  303
GET    /admin/search/best-bets/<int:entry_id>        best-bet                     in      403  403  403  403  403  403  403  200
POST   /admin/search/best-bets/<int:entry_id>        best-bet                     in      403  403  403  403  403  403  403  303
POST   /admin/search/best-bets/<int:entry_id>/remove best-bet                     in      403  403  403  403  403  403  403  303
GET    /admin/search/sample/                         -                            in      403  403  403  403  403  403  403  200
POST   /admin/search/sample/<int:search_id>          searched                     in      403  403  403  403  403  403  403  303
GET    /reports/subscriptions                        -                            in      200  200  200  200  200  200  200  200
POST   /reports/subscriptions                        -                            in      422  422  422  422  422  422  422  422
POST   /reports/subscriptions/<int:subscription_id>/stop -                            in      404  404  404  404  404  404  404  404
GET    /reports/subscriptions/stop/<token>           -                            404     404  404  404  404  404  404  404  404
POST   /reports/subscriptions/stop/<token>           -                            404     404  404  404  404  404  404  404  404
GET    /reports/roi/inputs                           -                            in      403  403  403  403  403  403  200  200
POST   /reports/roi/inputs                           wip/theirs                   in      403  403  403  403  403  403  303  303
GET    /reports                                      -                            in      200  200  200  200  200  200  200  200
GET    /reports/<name>                               report                       in      200  200  200  200  200  200  200  200
GET    /reports/<name>                               report-on-all                in      403  403  403  403  403  403  200  200
GET    /reports/<name>.<any(csv,xlsx,json):kind>     report                       in      200  200  200  200  200  200  200  200
GET    /reports/<name>.<any(csv,xlsx,json):kind>     report-on-all                in      403  403  403  403  403  403  200  200
GET    /reports/<name>/<items>                       report                       in      200  200  200  200  200  200  200  200
GET    /reports/<name>/<items>.<any(csv,xlsx,json):kind> report                       in      200  200  200  200  200  200  200  200
GET    /sign-in                                      -                            200     200  200  200  200  200  200  200  200
POST   /sign-in                                      -                            302     302  302  302  302  302  302  302  302
GET    /account                                      -                            in      200  200  200  200  200  200  200  200
POST   /account                                      -                            in      302  302  302  302  302  302  302  302
POST   /sign-out                                     -                            in      in   in   in   in   in   in   in   in
GET    /help/                                        -                            200     200  200  200  200  200  200  200  200
GET    /help/contact                                 -                            404     404  404  404  404  404  404  404  404
GET    /help/articles/<key>                          published/theirs             200     200  200  200  200  200  200  200  200
GET    /help/articles/<key>                          validated/theirs             404     404  404  404  404  404  404  404  404
POST   /help/articles/<key>/feedback                 published/theirs             303     303  303  303  303  303  303  303  303
GET    /help/feedback/<secret>                       spoken/theirs                200     200  200  200  200  200  200  200  200
GET    /static/<path:filename>                       -                            200     200  200  200  200  200  200  200  200
GET    /healthz                                      -                            200     200  200  200  200  200  200  200  200
GET    /readyz                                       -                            200     200  200  200  200  200  200  200  200
GET    /metrics                                      -                            401     403  403  403  403  403  403  403  200
GET    /api/docs                                     -                            200     200  200  200  200  200  200  200  200
GET    /api/v1/openapi.json                          -                            200     200  200  200  200  200  200  200  200
POST   /webhooks/<connection>                        -                            202     202  202  202  202  202  202  202  202
GET    /api/v1/me/work                               -                            401     200  200  200  200  200  200  200  200
GET    /api/v1/articles                              -                            401     200  200  200  200  200  200  200  200
POST   /api/v1/articles                              -                            401     403  201  201  201  201  201  403  403
GET    /api/v1/articles/<key>                        wip/theirs                   401     200  200  200  200  200  200  200  200
GET    /api/v1/articles/<key>                        deleted/theirs               401     404  404  404  404  404  404  404  404
PATCH  /api/v1/articles/<key>                        validated/theirs             401     403  403  200  200  200  200  403  403
PATCH  /api/v1/articles/<key>                        validated/own                401     403  200  200  200  200  200  403  403
PATCH  /api/v1/articles/<key>                        published/own                401     403  403  403  200  403  403  403  403
GET    /api/v1/articles/<key>/versions               wip/theirs                   401     200  200  200  200  200  200  200  200
GET    /api/v1/articles/<key>/changes                wip/theirs                   401     200  200  200  200  200  200  200  200
POST   /api/v1/articles/<key>/versions/<int:number>/restore edited/theirs         401     403  403  200  200  200  200  403  403
POST   /api/v1/articles/<key>/flags                  published/theirs             401     403  201  201  201  201  201  403  403
POST   /api/v1/articles/<key>/transitions            complete/wip/theirs          401     403  403  200  200  200  200  403  403
POST   /api/v1/articles/<key>/transitions            complete/wip/own             401     403  200  200  200  200  200  403  403
POST   /api/v1/articles/<key>/transitions            validate/not_validated/own   401     403  403  200  200  200  200  403  403
POST   /api/v1/articles/<key>/transitions            publish/validated/own        401     403  403  403  200  403  403  403  403
POST   /api/v1/articles/<key>/transitions            doubt/validated/own          401     403  403  200  200  200  200  403  403
POST   /api/v1/articles/<key>/transitions            withdraw/published/own       401     403  403  403  200  403  403  403  403
POST   /api/v1/articles/<key>/transitions            archive/validated/own        401     403  403  403  200  403  200  403  403
POST   /api/v1/articles/<key>/transitions            restore/archived/own         401     403  403  200  200  200  200  403  403
POST   /api/v1/articles/<key>/transitions            delete/wip/own               401     403  200  200  200  200  200  403  403
GET    /api/v1/articles/<key>/privacy                personal/theirs              401     200  200  200  200  200  200  200  200
POST   /api/v1/articles/<key>/waivers                personal/own                 401     403  403  403  201  403  403  403  403
POST   /api/v1/articles/<key>/reviews                not_validated/own            401     403  201  201  201  201  201  403  403
POST   /api/v1/articles/<key>/proposals              published/theirs             401     403  201  201  201  201  201  403  403
GET    /api/v1/articles/<key>/plans                  planned/theirs               401     200  200  200  200  200  200  200  200
POST   /api/v1/articles/<key>/plans                  validated/theirs             401     403  403  403  201  403  201  403  403
DELETE /api/v1/articles/<key>/plans/<int:plan_id>    planned/theirs               401     403  403  403  204  403  204  403  403
POST   /api/v1/articles/bulk                         validated/own                401     403  200  200  200  200  200  403  403
GET    /api/v1/drifts                                -                            401     200  200  200  200  200  200  200  200
POST   /api/v1/drifts/<int:drift_id>/decisions       drift/theirs                 401     403  403  403  200  403  403  403  403
GET    /api/v1/reviews                               -                            401     200  200  200  200  200  200  200  200
GET    /api/v1/reviews/<int:review_id>               asked/theirs                 401     200  200  200  200  200  200  200  200
POST   /api/v1/reviews/<int:review_id>/decisions     asked/theirs                 401     403  403  200  200  200  200  403  403
POST   /api/v1/reviews/<int:review_id>/decisions     asked/own                    401     403  403  403  403  403  403  403  403
POST   /api/v1/reviews/<int:review_id>/comments      asked/theirs                 401     403  403  201  201  201  201  403  403
POST   /api/v1/articles/<key>/feedback               published/theirs             401     201  201  201  201  201  201  201  201
POST   /api/v1/articles/<key>/confirmations          validated/own                401     403  403  200  200  200  200  403  403
GET    /api/v1/flags                                 -                            401     200  200  200  200  200  200  200  200
POST   /api/v1/flags/<int:flag_id>/decline           flagged/theirs               401     403  403  200  200  200  200  403  403
POST   /api/v1/flags/<int:flag_id>/decline           flagged/own                  401     403  200  200  200  200  200  403  403
GET    /api/v1/feedback                              -                            401     200  200  200  200  200  200  200  200
POST   /api/v1/feedback/<int:feedback_id>/answer     spoken/theirs                401     403  403  200  200  200  200  403  403
POST   /api/v1/feedback/<int:feedback_id>/answer     spoken/own                   401     403  200  200  200  200  200  403  403
GET    /api/v1/search                                -                            401     200  200  200  200  200  200  200  200
GET    /api/v1/search/completions                    -                            401     200  200  200  200  200  200  200  200
GET    /api/v1/tickets/<connection>/<ticket_id>      fresh                        401     200  200  200  200  200  200  200  200
GET    /api/v1/tickets/<connection>/<ticket_id>/suggestions fresh                 401     200  200  200  200  200  200  200  200
GET    /api/v1/tickets/<connection>/<ticket_id>/closing fresh                     401     200  200  200  200  200  200  200  200
POST   /api/v1/tickets/<connection>/<ticket_id>/links fresh                       401     403  201  201  201  201  201  403  403
DELETE /api/v1/tickets/<connection>/<ticket_id>/links/<int:link_id> linked/theirs 401     403  204  204  204  204  204  403  403
POST   /api/v1/tickets/<connection>/<ticket_id>/draft fresh                       401     403  201  201  201  201  201  403  403
DELETE /api/v1/tickets/<connection>/<ticket_id>/draft drafted/own                 401     403  204  204  204  204  204  403  403
DELETE /api/v1/tickets/<connection>/<ticket_id>/draft drafted/theirs              401     403  403  204  204  204  204  403  403
POST   /api/v1/tickets/<connection>/<ticket_id>/exemption fresh                   401     403  201  201  201  201  201  403  403
POST   /api/v1/tickets/<connection>/<ticket_id>/improvements linked/theirs        401     403  200  200  200  200  200  403  403
GET    /api/v1/patterns                              -                            401     403  403  403  403  200  200  200  200
GET    /api/v1/reports                               -                            401     200  200  200  200  200  200  200  200
GET    /api/v1/reports/<name>                        report                       401     200  200  200  200  200  200  200  200
GET    /api/v1/reports/<name>                        report-on-all                401     403  403  403  403  403  403  200  200
GET    /api/v1/reports/<name>/<items>                report                       401     200  200  200  200  200  200  200  200
"""  # noqa: E501 -- a table is read in lines

HEAD, *LINES = RULES.strip().splitlines()
CALLERS = HEAD.split()[3:]
TABLE = [tuple(line.split()[:3]) for line in LINES]
CELLS = {tuple(line.split()[:3]): dict(zip(CALLERS, line.split()[3:], strict=True)) for line in LINES}

PEOPLE: dict[str, tuple[Licence | None, tuple[Role, ...]]] = {
    "unlicensed": (None, ()),
    **{licence.value: (licence, ()) for licence in Licence},
    **{role.value: (None, (role,)) for role in Role},
}

# The whole table is asked over again as everybody: hashing is made cheap, not left out.

ARTICLE = {"title": "Printer jams, Press 7", "issue": "Paper jams", "resolution": "Open tray 2."}
PARTS = {name: text for name, text in ARTICLE.items() if name != "title"}
TYPED = {"title": ARTICLE["title"], **{f"part-{name}": text for name, text in PARTS.items()}}
KNOWN = "known"
PUBLIC = "KB-PUBLIC"
COLLEAGUE = "colleague@example.com"

KNOWN_TEXT = {
    "title": "Export button is grey, Reports 4.2",
    "part-issue": "Cannot export",
    "part-environment": "Reports 4.2",
    "part-resolution": "Allow pop-ups.",
}
ORDER = {"kind": "customer number", "value": "4455667"}

TEMPLATE = {"name": "T", "rows": "1", "name-0": "answer", "label-0": "A", "need-0": "answer"}
DOMAIN = {"name": "D", "template": "issue-resolution", "flag_days": "7", "review_days": "5"}

# What is sent, with the names in braces filled from the subject. Forms to pages, JSON to the API.
FORMS: dict[str, dict[str, str]] = {
    "/articles/new": {**TYPED, "seen": "1"},
    "/writing-requests": {"words": "{name}", "to": "somebody@example.com"},
    "/articles/<key>/edit": {**TYPED, "base": "1"},
    "/admin/templates/new": {**TEMPLATE, "key": "made-here"},
    "/admin/templates/<key>": TEMPLATE,
    "/admin/domains/new": {**DOMAIN, "key": "made-here"},
    "/admin/domains/<key>": DOMAIN,
    "/samples/<kind>/<int:thing_id>": {f"answer-{each.code}": "yes" for each in SHIPPED[Kind.ARTICLE]},
    "/admin/samples/<asked_of>": {"text": "Its pictures are readable"},
    "/admin/samples/<asked_of>/<code>": {"asked": "0"},
    "/admin/rights": {
        f"{right}:{holder}": scope for right, held in RIGHTS.items() for holder, scope in held.items()
    },
    **{
        f"/admin/search/meanings/{which}": {"kind": "same", "terms": "login\nsign in"}
        for which in ("new", "<int:entry_id>")
    },
    **{
        f"/admin/search/best-bets/{which}": {"terms": "login", "article": KNOWN}
        for which in ("new", "<int:entry_id>")
    },
    "/admin/search/sample/<int:search_id>": {"none": "1"},
    # Each caller gives another source: what is said already is not set again.
    "/reports/roi/inputs": {
        f"minutes_saved-{field}": said
        for field, said in (("low", "1"), ("likely", "2"), ("high", "3"), ("source", "{key}"))
    },
    "/articles/<key>/flags": {"reason": "out of date"},
    "/articles/<key>/versions/<int:number>/restore": {"base": "2"},
    "/articles/<key>/moves/<name>": {"audience": "public", "reason": "because"},
    "/articles/<key>/privacy/mask": {"base": "1", "value": "4455667"},
    "/articles/<key>/privacy/waive": {**ORDER, "reason": "a sample"},
    "/articles/<key>/feedback": {"helpful": "no", "comment": "Which menu?"},
    "/articles/merge": {"left": "{key}", "right": KNOWN, **KNOWN_TEXT, "base": "1", "newer_base": "1"},
    "/flags/<int:flag_id>/decline": {"answer": "it is right"},
    "/feedback/<int:feedback_id>/answer": {"answer": "the second"},
    "/help/articles/<key>/feedback": {"form": "{name}", "helpful": "yes"},
    "/tickets/<connection>/<ticket_id>/confirmations": {"article": "{key}"},
    "/tickets/<connection>/<ticket_id>/send": {"article": PUBLIC},
    "/tickets/<connection>/<ticket_id>/passed-over": {"article": "{key}"},
    "/tickets/<connection>/<ticket_id>/passed-over/undo": {"article": "{key}"},
    "/tickets/<connection>/<ticket_id>/links": {"article": "{key}"},
    "/tickets/<connection>/<ticket_id>/exemption": {"reason": "no_knowledge"},
    "/tickets/<connection>/<ticket_id>/draft/replace": {"article": KNOWN},
    "/tickets/<connection>/<ticket_id>/fix/<key>": {**TYPED, "base": "1"},
    "/tickets/<connection>/<ticket_id>/flags": {"article": "{key}", "reason": "out of date"},
    "/reviews/<int:review_id>/decisions": {"decision": "accept", "version": "1"},
    "/reviews/<int:review_id>/comments": {
        "text": "Which browser?",
        "field": "resolution",
        "quote": "pop-ups",
    },
    "/reviews/<int:review_id>/fix": {**TYPED, "base": "1"},
    "/publishing/drifts/<int:drift_id>/decisions": {"decision": "keep_ours", "seen": "x"},
    "/admin/connections/<connection>/people/<int:identity_id>": {"act": "nobody"},
    "/admin/connections/new": {
        "name": "made-here",
        "subdomain": "acme",
        "client_id": "kcs",
        "client_secret": "client-secret",
    },
    "/admin/connections/<connection>/authorise": {"client_id": "kcs", "client_secret": "client-secret"},
    "/admin/connections/<connection>/secret": {"secret": "next-secret"},
    "/admin/connections/<connection>/key": {"token": "a-key"},
    "/admin/connections/<connection>/closing": {"closing": "require"},
    "/admin/connections/<connection>/product": {"product_field": "360001"},
    "/admin/connections/<connection>/active": {"active": "0"},
    "/admin/connections/<connection>/sync": {"what": "reconcile"},
    "/admin/connections/<connection>/writes": {"tag_prefix": "knowledge_"},
    "/admin/connections/<connection>/publishing": {"locale": "en-us"},
    "/admin/connections/<connection>/publishing/rules": {"audience": "public"},
    "/articles/<key>/reviews": {"asks": "validate"},
    "/articles/<key>/propose": {**TYPED, "base": "1"},
    "/articles/<key>/plans": {"move": "archive", "at": "2099-01-01T00:00"},
    "/articles/bulk": {"article": "{key}", "act": "tag:", "tags": "vat"},
    "/tickets/<connection>/<ticket_id>/ask": {"to": COLLEAGUE, "text": "Why is it grey?", "anyway": "1"},
    "/questions/<int:question_id>/answer": {"answer": "Allow pop-ups."},
    "/questions/<int:question_id>/pass-on": {"to": COLLEAGUE},
    "/answer/<token>": {"answer": "Allow pop-ups."},
    "/answer/<token>/pass-on": {"to": COLLEAGUE},
    "/sign-in": {"email": "somebody@example.com", "password": PASSWORD},
}
BODIES: dict[str, dict[str, object]] = {
    "/api/v1/articles": {"title": ARTICLE["title"], "parts": PARTS},
    "/api/v1/articles/<key>": {"title": ARTICLE["title"]},
    "/api/v1/articles/<key>/versions/<int:number>/restore": {},
    "/api/v1/articles/<key>/flags": {"reason": "out of date"},
    "/api/v1/articles/<key>/feedback": {"helpful": False, "comment": "Which menu?"},
    "/api/v1/articles/<key>/confirmations": {},
    "/api/v1/flags/<int:flag_id>/decline": {"answer": "it is right"},
    "/api/v1/feedback/<int:feedback_id>/answer": {"answer": "the second"},
    "/api/v1/articles/<key>/waivers": {**ORDER, "reason": "a sample"},
    "/api/v1/articles/<key>/transitions": {"name": "{name}", "audience": "public", "reason": "because"},
    "/api/v1/articles/<key>/reviews": {"asks": "validate"},
    "/api/v1/articles/<key>/proposals": {"title": ARTICLE["title"]},
    "/api/v1/articles/<key>/plans": {"move": "archive", "at": "2099-01-01T00:00:00Z"},
    "/api/v1/articles/bulk": {"articles": ["{key}"], "act": "tag", "tags": ["vat"]},
    "/api/v1/drifts/<int:drift_id>/decisions": {"decision": "keep_ours", "seen": "x"},
    "/api/v1/reviews/<int:review_id>/decisions": {"decision": "accept", "version": 1},
    "/api/v1/reviews/<int:review_id>/comments": {"text": "Why?"},
    "/api/v1/tickets/<connection>/<ticket_id>/links": {"article": "{key}"},
    "/api/v1/tickets/<connection>/<ticket_id>/draft": {},
    "/api/v1/tickets/<connection>/<ticket_id>/exemption": {"reason": "no_knowledge"},
    "/api/v1/tickets/<connection>/<ticket_id>/improvements": {"article": "{key}", "flag": "out of date"},
}
WORDS = {
    "/search": "export",
    "/search/results": "export",
    "/api/v1/search/completions": "exp",
    "/admin/search/": "export",
    "/tickets/<connection>/<ticket_id>/search": "export",
    "/api/v1/search": "export",
}
# What these change is no act on knowledge: a session begun or ended, a delivery kept.
UNRECORDED = (
    "/embed/<connection>/tickets/<ticket_id>/hints",
    "/admin/connections/<connection>/app/look-up",
    "/sign-in",
    "/sign-out",
    "/account",
    "/webhooks/<connection>",
    "/articles/preview",
    "/articles/assist",
    "/articles/<key>/unsaved",
    "/tickets/<connection>/<ticket_id>/suggestions",
    "/tickets/<connection>/<ticket_id>/searches",
)


@dataclass(frozen=True)
class Subject:
    """What a request is about."""

    key: str = ""
    ticket_id: str = ""
    link_id: int = 0
    name: str = ""
    number: int = 0  # of a review, a planned move, a flag, feedback, a question, a word or a search

    def address(self, rule: str) -> str:
        """Return the rule's address for this subject."""
        filled = {
            "<key>": self.key,
            "<ticket_id>": self.ticket_id,
            "<int:link_id>": str(self.link_id),
            "<int:review_id>": str(self.number),
            "<int:plan_id>": str(self.number),
            "<int:drift_id>": str(self.number),
            "<int:publication_id>": str(self.number),
            "<int:rule_id>": str(self.number),
            "<int:identity_id>": str(self.number),
            "<int:pair_id>": str(self.number),
            "<int:flag_id>": str(self.number),
            "<int:feedback_id>": str(self.number),
            "<int:entry_id>": str(self.number),
            "<int:search_id>": str(self.number),
            "<int:question_id>": str(self.number),
            "<int:agent_id>": str(self.number),
            "<int:sample_id>": str(self.number),
            "<int:request_id>": str(self.number),
            "<int:thing_id>": str(self.number),
            "<int:subscription_id>": str(self.number),
            "<kind>": "article",
            "<asked_of>": "ticket",
            "<code>": "searched",
            "<token>": self.name or "made-up",
            "<secret>": self.name,
            "<name>": self.name,
            "<items>": "tickets",
            "<any(csv,xlsx,json):kind>": "csv",
            "<int:number>": "1",
            "<connection>": "acme",
            "<path:filename>": "app.css",
            "<section>": "drafts",
        }
        for variable, value in filled.items():
            rule = rule.replace(variable, value)
        return rule

    def filled(self, sent: dict[str, object]) -> dict[str, object]:
        """Return what is sent about this subject."""
        known = {"{key}": self.key, "{name}": self.name}
        filled = {
            name: known.get(value, value) if isinstance(value, str) else value for name, value in sent.items()
        }
        return {**filled, **({"articles": [self.key]} if "articles" in sent else {})}


# Cases that need nothing made.
SETTINGS = {"-": "", "template": "feature-card", "domain": "general"}
REPORTS = {"report": "link-rate", "report-on-all": "roi"}


class World:
    """One app with one person of each kind, each with a browser and a token."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.desk = FakeDesk()
        self.browsers: dict[str, FlaskClient] = {}
        self.deliveries = 0
        with self.app.app_context():
            make_connection()
            somebody = make_agent(Licence.PUBLISHER, email="somebody@example.com")
            made = {
                name: make_agent(licence, roles, email=f"{name}@example.com")
                for name, (licence, roles) in PEOPLE.items()
            }
            for agent in (somebody, *made.values()):
                agent.password_hash = QUICK_HASHER.hash(PASSWORD)
            make_agent(None, email=COLLEAGUE)
            make_article(key=KNOWN, author=somebody)
            make_article(ArticleState.PUBLISHED, key=PUBLIC, author=somebody)
            self.somebody = somebody.id
            self.ids = {name: agent.id for name, agent in made.items()}
            self.tokens = {
                name: people.issue_token(agent, label="test", days=1) for name, agent in made.items()
            }
            db.session.commit()

    def ask(self, method: str, rule: str, subject: Subject, caller: str) -> TestResponse:
        """Send a row's request as `caller`, who shows what the address asks for: cookie or token."""
        for_machines = rule.startswith(("/api/", "/metrics"))
        headers = {"Authorization": f"Bearer {self.tokens[caller]}"} if caller in self.tokens else {}
        browser = self.app.test_client() if for_machines or caller not in self.ids else self.browser(caller)
        return self.send(method, rule, subject, browser, headers if for_machines else {})

    def send(
        self, method: str, rule: str, subject: Subject, browser: FlaskClient, headers: dict[str, str]
    ) -> TestResponse:
        """Send a row's request with this browser's cookies and these headers."""
        address = subject.address(rule)
        if rule == "/webhooks/<connection>":
            self.deliveries += 1
            self._let_in()
            signed, body = fake_delivery(f"d{self.deliveries}", "1")
            return browser.open(address, method=method, headers={**signed, **headers}, data=body)
        if rule in BODIES and method != "GET":
            headers = {**headers, "If-Match": '"2"' if "restore" in rule else '"1"'}
            body_ = subject.filled(BODIES[rule])
            return browser.open(address, method=method, headers=headers, json=body_)
        form = subject.filled(dict(FORMS[rule])) if rule in FORMS and method == "POST" else None
        query = {"q": WORDS[rule]} if rule in WORDS else None
        return browser.open(
            address, method=method, headers=headers, data=form, query_string=query, buffered=True
        )

    def _let_in(self) -> None:
        """Rows before may have switched the desk off, or given it another secret."""
        with self.app.app_context():
            values = {"active": True, "webhook_secret": "fake-secret"}
            db.session.execute(update(Connection).where(Connection.name == "acme").values(**values))
            db.session.commit()

    def browser(self, caller: str) -> FlaskClient:
        """Return this person's browser, signed in."""
        if caller not in self.browsers:
            self.browsers[caller] = self.app.test_client()
            sent = {"email": f"{caller}@example.com", "password": PASSWORD}
            assert self.browsers[caller].post("/sign-in", data=sent).status_code == 302
        return self.browsers[caller]

    def subject(self, case: str, caller: str) -> Subject:
        """Make what the case names, newly, so that each caller finds it in the same state."""
        if case in SETTINGS:
            return Subject(SETTINGS[case])
        if case in REPORTS:
            return Subject(name=REPORTS[case])
        with self.app.app_context():
            somebody = db.session.get_one(Agent, self.somebody)
            own = case.endswith("/own") and caller in self.ids
            author = db.session.get_one(Agent, self.ids[caller]) if own else somebody
            *name, kind, _ = case.split("/") if "/" in case else (case, "")
            makers: dict[str, Callable[[], Subject]] = {
                "picture": lambda: Subject(name=store_image(picture(), by=somebody).name),
                **dict.fromkeys(
                    ("asked", "returned", "planned"), lambda: self._waiting(kind, author, somebody)
                ),
                **dict.fromkeys(("meaning", "best-bet", "searched"), lambda: self._kept(kind, somebody)),
                **dict.fromkeys(("question", "replied"), lambda: self._question(kind, author)),
                **dict.fromkeys(("flagged", "spoken"), lambda: self._said(kind, author)),
                **dict.fromkeys(
                    ("work", "to-judge", "judged"),
                    lambda: self._sample(kind, author if own else make_agent()),
                ),
                "to-write": lambda: self._to_write(author),
                **dict.fromkeys(("alike", "unlike"), lambda: self._pair(kind, author)),
                "desk-user": self._desk_user,
                **dict.fromkeys(
                    ("drift", "unsent", "rule", "taken-over"), lambda: self._outside(kind, somebody)
                ),
                **dict.fromkeys(("fresh", "linked", "drafted"), lambda: self._ticket(kind, author, somebody)),
            }
            make = makers.get(kind, lambda: self._readable("".join(name), kind, author, somebody))
            made = make()
            db.session.commit()
        return made

    def _readable(self, name: str, kind: str, author: Agent, somebody: Agent) -> Subject:
        """Make an article in a state, with the form its readers outside send."""
        article = self._article(kind, author, somebody)
        return Subject(
            article.key, name=name or (issue(article.live_version) if article.live_version else "")
        )

    def _waiting(self, kind: str, author: Agent, somebody: Agent) -> Subject:
        """Make an article with a review that `author` asked for, or with a planned move."""
        if kind == "planned":
            article = make_article(ArticleState.VALIDATED, author=author)
            later = datetime(2099, 1, 1, tzinfo=UTC)
            return Subject(article.key, number=plan_move(article, Move.ARCHIVE, later, by=somebody).id)
        article = make_article(ArticleState.NOT_VALIDATED, author=somebody)
        review = ask_review(article, Asks.VALIDATE, by=somebody)
        if kind == "returned":
            said = (Passage("Shorter"),)
            return_with_comments(review, by=make_agent(Licence.PUBLISHER), comments=said)
        article.author_id = article.owner_id = review.asked_by_id = author.id
        return Subject(article.key, number=review.id)

    def _question(self, kind: str, expert: Agent) -> Subject:
        """Let somebody new ask `expert` from a ticket; with an answer, or still waiting for one."""
        terms: Terms = self.app.extensions["kcs.experts"]
        ticket = make_ticket(self.desk)
        question = questions.ask(ticket, "Why is it grey?", by=make_agent(), to=expert, terms=terms)
        if kind == "replied":
            questions.answer(question.turn, "Pop-ups.", may_show=MayShow.CUSTOMERS, terms=terms)
        return Subject(number=question.id, name=terms.token_of(question.turn))

    def _said(self, kind: str, owner: Agent) -> Subject:
        """Make an article of `owner` that somebody flagged, or of which a visitor said something."""
        article = make_article(ArticleState.VALIDATED, author=owner)
        if kind == "flagged":
            return Subject(article.key, number=flag_article(article, "out of date", by=make_agent()).id)
        secret = secrets.token_urlsafe(16)
        said = give_feedback(article, article.current_version, comment="Which menu?", secret=secret)
        return Subject(article.key, number=said.id, name=secret)

    def _sample(self, kind: str, author: Agent) -> Subject:
        """Make an article of somebody whom the coach coaches, to be judged or judged already."""
        coach = db.session.get_one(Agent, self.ids["coach"])
        coach = make_agent(roles=[Role.COACH]) if coach is author else coach
        version = make_article(author=author).current_version
        if kind != "judged":
            author.coach_id = coach.id if author.id not in self.ids.values() else None
            return Subject(number=author.id if kind == "work" else version.id)
        author.coach_id = coach.id
        answers = {each.code: True for each in SHIPPED[Kind.ARTICLE]}
        judged = judge(get_thing(Kind.ARTICLE, version.id, coach), answers, by=coach)
        author.coach_id = coach.id if author.id not in self.ids.values() else None
        return Subject(number=judged.id)

    def _pair(self, kind: str, author: Agent) -> Subject:
        """Make two articles that say the same, and their pair: to look at, or dismissed."""
        one, other = make_article(author=author), make_article(author=author)
        pair = DuplicatePair(
            first_id=one.id,
            second_id=other.id,
            first_version_id=one.current_version_id,
            second_version_id=other.current_version_id,
            likeness=1.0,
            state=PairState.OPEN if kind == "alike" else PairState.DISMISSED,
            found_at=one.created_at,
        )
        db.session.add(pair)
        db.session.flush()
        return Subject(number=pair.id)

    def _to_write(self, author: Agent) -> Subject:
        """Make words that somebody was asked to write."""
        asked = WritingRequest(
            words=secrets.token_hex(4), agent=author, asked_by=author, asked_at=datetime.now(UTC)
        )
        db.session.add(asked)
        db.session.flush()
        return Subject(number=asked.id, name=secrets.token_hex(4))

    def _desk_user(self) -> Subject:
        """Make somebody of the desk whom nobody knows."""
        connection = db.session.query(Connection).filter_by(name="acme").one()
        identity = identify(
            connection.id, secrets.token_hex(4), name="Newcomer", email=None, email_verified=False
        )
        return Subject(number=identity.id)

    def _outside(self, kind: str, somebody: Agent) -> Subject:
        """Make what is about a help centre: a rule, or an article that failed or was edited there."""
        connection = db.session.query(Connection).filter_by(name="acme").one()
        target = db.session.query(Target).first() or Target(connection_id=connection.id, active=False)
        target.active = kind == "taken-over"
        db.session.add(target)
        db.session.flush()
        if kind == "taken-over":
            return Subject()
        if kind == "rule":
            return Subject(number=save_rule(target, Rule("", Audience.PUBLIC, "", {}), by=somebody).id)
        article = make_article(ArticleState.PUBLISHED, author=somebody)
        state = PublicationState.FAILED if kind == "unsent" else PublicationState.DRIFTED
        publication = Publication(
            article_id=article.id,
            target_id=target.id,
            locale="en-us",
            state=state,
            remote_id="1",
            changed_at=article.changed_at,
        )
        db.session.add(publication)
        db.session.flush()
        if kind == "unsent":
            return Subject(article.key, number=publication.id)
        drift = Drift(
            publication_id=publication.id,
            kind=DriftKind.EDITED,
            title="Theirs",
            html="<p>Theirs</p>",
            fingerprint="x",
            found_at=article.changed_at,
            changed_at=article.changed_at,
        )
        db.session.add(drift)
        db.session.flush()
        return Subject(article.key, number=drift.id)

    def _kept(self, kind: str, somebody: Agent) -> Subject:
        """Make what an administrator keeps for the search, or a search in the log."""
        if kind == "meaning":
            return Subject(number=save_meaning(None, MeaningKind.SAME, ["a", "b"], by=somebody).id)
        if kind == "best-bet":
            return Subject(number=save_bet(None, ["a"], KNOWN, None, None, by=somebody).id)
        nonce = secrets.token_urlsafe(9)
        keep_search(Searched(nonce, Place.PAGE, somebody.id, "a", 0, ()), str)
        return Subject(number=db.session.query(SearchLog).filter_by(nonce=nonce).one().id)

    def _ticket(self, kind: str, author: Agent, somebody: Agent) -> Subject:
        ticket = make_ticket(self.desk)
        if kind == "drafted":
            article = draft_article(ticket, by=somebody)
            article.author_id = article.owner_id = author.id
            link = created_link(ticket)
            return Subject(article.key, ticket.remote_id, link.id if link else 0)
        article = make_article(author=author)
        link_id = link_article(ticket, article, by=somebody).id if kind == "linked" else 0
        return Subject(article.key, ticket.remote_id, link_id)

    def _article(self, state: str, author: Agent, somebody: Agent) -> Article:
        if state == "edited":
            article = make_article(author=author)
            save_version(article, "Another title", {"resolution": "Anew"}, by=somebody, base=1)
            return article
        if state == "personal":
            return make_article(parts={"issue": "Stuck", "resolution": "Order no. 4455667"}, author=author)
        if state != "deleted":
            return make_article(ArticleState(state), author=author)
        article = make_article(ArticleState.WIP, author=author)
        return move_article(article, Move.DELETE, by=somebody)

    @contextmanager
    def counting(self) -> Iterator[list[int]]:
        """Count the acts that are recorded meanwhile."""
        before = self._acts()
        counted: list[int] = []
        yield counted
        counted.append(self._acts() - before)

    def _acts(self) -> int:
        with self.app.app_context():
            query = select(func.count()).select_from(Activity).where(Activity.kind != "agent.signed_in")
            return db.session.execute(query).scalar_one()


def _hurry(connection: DBAPIConnection, _record: object) -> None:
    """Let SQLite not wait for the disk: no test here pulls the plug."""
    connection.cursor().execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One app for the whole table; its context is not pushed, so that requests share nothing."""
    folder = tmp_path_factory.mktemp("access")
    shutil.copy(sqlite_template, folder / "kcs.db")
    app = create_app(settings_for(folder), {"zendesk": FakeProvider(FakeDesk())})
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/planted", "planted", lambda: "open")
    app.add_url_rule("/api/v1/planted", "planted_api", lambda: "open")
    limiter.enabled = False
    with app.app_context():
        event.listen(db.engine, "connect", _hurry)
    yield World(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def outcome(answer: TestResponse, acts: int) -> str:
    """Say in the table's words what came of a request."""
    if answer.status_code in (302, 303) and answer.location.startswith("/sign-in"):
        return "in"
    if answer.status_code == 303 and acts == 0:
        return "back"
    return str(answer.status_code)


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    routes = {
        (method, rule.rule)
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.endpoint.startswith("planted")
    }
    assert {(method, rule) for method, rule, _ in TABLE} == routes
    assert len(CELLS) == len(TABLE), "a row is there twice"


@pytest.mark.long
@pytest.mark.parametrize(("method", "rule", "case"), TABLE)
def test_everybody_gets_what_the_table_says(world: World, method: str, rule: str, case: str) -> None:
    got = {}
    for caller in CALLERS:
        subject = world.subject(case, caller)
        with world.counting() as acts:
            answer = world.ask(method, rule, subject, caller)
        got[caller] = outcome(answer, acts[0])
        changes = method != "GET" and answer.status_code < 400 and got[caller] not in ("in", "back")
        assert bool(acts[0]) == (changes and rule not in UNRECORDED), (caller, got[caller], acts)
        if rule in ("/sign-in", "/sign-out"):
            world.browsers.clear()
    assert got == CELLS[method, rule, case]


PROTECTED = [row for row in TABLE if CELLS[row]["visitor"] in ("in", "401")]
FOR_MACHINES = [row for row in PROTECTED if CELLS[row]["visitor"] == "401"]
PAGES = [row for row in PROTECTED if CELLS[row]["visitor"] == "in"]


@pytest.mark.parametrize(("method", "rule", "case"), FOR_MACHINES)
def test_the_api_answers_a_stranger_in_its_one_error_shape(
    world: World, method: str, rule: str, case: str
) -> None:
    subject = world.subject(case, "visitor")
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer kcs_guessed"}):
        answer = world.send(method, rule, subject, world.app.test_client(), headers)
        assert answer.status_code == 401
        assert set(answer.get_json()) == {"code", "message", "errors"}
        assert answer.get_json()["code"] == "not_signed_in"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "rule", "case"), FOR_MACHINES)
@pytest.mark.parametrize("caller", ["publisher", "admin"])
def test_a_cookie_opens_no_address_of_the_api(
    world: World, method: str, rule: str, case: str, caller: str
) -> None:
    subject = world.subject(case, caller)
    assert world.send(method, rule, subject, world.browser(caller), {}).status_code == 401


@pytest.mark.parametrize(("method", "rule", "case"), PAGES)
@pytest.mark.parametrize("caller", ["publisher", "admin"])
def test_a_bearer_token_opens_no_page(world: World, method: str, rule: str, case: str, caller: str) -> None:
    token = {"Authorization": f"Bearer {world.tokens[caller]}"}
    answer = world.send(method, rule, world.subject(case, caller), world.app.test_client(), token)
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "rule", "case"), [row for row in PAGES if row[0] == "GET"])
def test_a_page_sends_a_stranger_to_sign_in_and_back(world: World, method: str, rule: str, case: str) -> None:
    subject = world.subject(case, "visitor")
    answer = world.send(method, rule, subject, world.app.test_client(), {})
    to = urlsplit(answer.location)
    query = "?q=export" if rule in WORDS else ""
    assert (to.path, parse_qs(to.query)) == ("/sign-in", {"next": [subject.address(rule) + query]})


@pytest.mark.parametrize("caller", ["publisher", "manager"])
@pytest.mark.parametrize(
    ("method", "rule", "case"),
    [
        row
        for row in TABLE
        # A hint is there to ask for what is not here yet.
        if ("<key>" in row[1] or "<ticket_id>" in row[1]) and not row[1].endswith("/hints")
    ],
)
def test_what_is_not_there_answers_404_to_whoever_may_ask(
    world: World, method: str, rule: str, case: str, caller: str
) -> None:
    subject = world.subject(case, caller)
    allowed = CELLS[method, rule, case][caller] != "403"
    for missing in (
        Subject("KB-0", subject.ticket_id, subject.link_id, subject.name),
        Subject(subject.key, "no-such", subject.link_id, subject.name),
    ):
        if missing.address(rule) == subject.address(rule):
            continue
        answer = world.ask(method, rule, missing, caller)
        assert answer.status_code == (404 if allowed else 403)


def test_a_link_of_another_ticket_is_not_found(world: World) -> None:
    one, other = world.subject("linked/theirs", "publisher"), world.subject("linked/theirs", "publisher")
    crossed = Subject(one.key, one.ticket_id, other.link_id)
    rule = "/api/v1/tickets/<connection>/<ticket_id>/links/<int:link_id>"
    assert world.ask("DELETE", rule, crossed, "publisher").status_code == 404
    with world.app.app_context():
        assert db.session.get_one(Link, other.link_id).removed_at is None


def test_a_ticket_is_found_only_under_its_own_connection(world: World) -> None:
    subject = world.subject("fresh", "publisher")
    with world.app.app_context():
        make_connection("other")
        db.session.commit()
        assert db.session.execute(select(Ticket).where(Ticket.remote_id == subject.ticket_id)).one()
    assert world.browser("publisher").get(f"/tickets/other/{subject.ticket_id}").status_code == 404
    assert world.browser("publisher").get(f"/tickets/nowhere/{subject.ticket_id}").status_code == 404


def test_a_webhook_without_the_secret_is_refused(world: World) -> None:
    _, body = fake_delivery("forged", "1")
    headers = {"X-Fake-Id": "forged", "X-Fake-Secret": "guessed"}
    answer = world.app.test_client().post("/webhooks/acme", headers=headers, data=body)
    assert answer.status_code == 401


@pytest.mark.parametrize("caller", CALLERS)
def test_a_view_that_names_no_permission_answers_nobody(world: World, caller: str) -> None:
    page = world.ask("GET", "/planted", Subject(), caller)
    assert outcome(page, 0) == ("in" if caller == "visitor" else "403")
    api = world.ask("GET", "/api/v1/planted", Subject(), caller)
    assert api.status_code == (401 if caller == "visitor" else 403)


def test_a_permission_is_found_only_where_a_view_names_it(world: World) -> None:
    world.app.view_functions["planted_again"] = requires(Permission.WORK)(lambda: "open")
    with world.app.app_context():
        assert permission_of("planted_again") is Permission.WORK
        assert permission_of("planted") is None


@pytest.mark.parametrize("address", ["/nowhere", "/api/v1/nowhere", "/webhooks", "/metrics/more"])
def test_an_address_without_a_route_is_not_found(world: World, address: str) -> None:
    assert world.app.test_client().get(address).status_code == 404

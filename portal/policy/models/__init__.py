from portal.policy.models.evidence import Determination, Outcome, RuleVersion
from portal.policy.models.official import OfficialClause, OfficialText
from portal.policy.models.parameters import LAW_LOCK, Kind, Parameter, ParameterValue
from portal.policy.models.shelf import Clause, ClauseDepartment, Department, OpenQuestion, PolicyDocument

__all__ = [
    "LAW_LOCK",
    "Clause",
    "ClauseDepartment",
    "Department",
    "Determination",
    "Kind",
    "OfficialClause",
    "OfficialText",
    "OpenQuestion",
    "Outcome",
    "Parameter",
    "ParameterValue",
    "PolicyDocument",
    "RuleVersion",
]

"""The history has an index by its moment: a night asks what was written since the last one."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations

INDEXES = {
    "attestedfactevent": "workforce_a_pgh_cre_afb9dd_brin",
    "benefitclaimevent": "workforce_b_pgh_cre_07340c_brin",
    "competitionresultevent": "workforce_c_pgh_cre_bc55fc_brin",
    "employeragentevent": "workforce_e_pgh_cre_7a1d67_brin",
    "employerevent": "workforce_e_pgh_cre_746731_brin",
    "employmentevent": "workforce_e_pgh_cre_1ed0a9_brin",
    "honourevent": "workforce_h_pgh_cre_531114_brin",
    "payeeaccountevent": "workforce_p_pgh_cre_01c671_brin",
    "skillcredentialevent": "workforce_s_pgh_cre_546f9d_brin",
    "technicalschoolingevent": "workforce_t_pgh_cre_ff41c3_brin",
    "unemploymentinsuranceevent": "workforce_u_pgh_cre_4c16eb_brin",
    "workerevent": "workforce_w_pgh_cre_949618_brin",
}


class Migration(migrations.Migration):
    dependencies = [("workforce", "0021_occupations_folded_in_less_time")]

    operations = [
        migrations.AddIndex(model, BrinIndex(autosummarize=True, fields=["pgh_created_at"], name=name))
        for model, name in INDEXES.items()
    ]
